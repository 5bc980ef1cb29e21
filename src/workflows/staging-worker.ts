import { ActivityFailure, log, patched, TimeoutFailure } from '@temporalio/workflow';
import { limitsOf, type LimitedActivity } from '../model/activity-limits.js';
import type { ResolvedConnection } from '../model/steps.js';
import { failed } from './failing.js';
import { callsFor, resolveConnection, type CallBounds, type RunCalls } from './proxies.js';

/** A busy worker is given so many times as long at each look for another one. */
const PATIENCE_GROWTH = 4;

/**
 * The worker that has a run's staged bytes: what is done with them goes into its queue. Where it takes nothing from there, it is
 * gone, or busy; the run then goes on wherever a worker answers, from a new download, since that one has no bytes of it.
 */
export class StagingWorker {
  calls: RunCalls;

  constructor(private connection: ResolvedConnection) {
    this.calls = callsFor(connection);
  }

  /** @throws ApplicationFailure `StagingLost` when the run has moved to another worker */
  async do<T>(activity: LimitedActivity, call: (calls: RunCalls, bounds: CallBounds) => Promise<T>): Promise<T> {
    const { scheduleToStart } = limitsOf(activity, this.connection.limits);
    let patience = scheduleToStart;
    for (;;) {
      try {
        return await call(this.calls, patience === undefined ? {} : { toStartMs: patience * 1000 });
      } catch (error) {
        if (!isNotTaken(error)) throw error;
        if (await this.moved(activity))
          throw failed('StagingLost', 'The worker that had the staged bytes takes no more work.');
        patience = patience && patience * PATIENCE_GROWTH;
      }
    }
  }

  /** Looks for a worker that answers; true where it is another one. */
  private async moved(activity: LimitedActivity): Promise<boolean> {
    const { connection, stagingQueue, configDigest } = this.connection;
    const found = await resolveConnection({ connection });
    if (found.configDigest !== configDigest && !mayRunUnderAny(activity))
      throw failed(
        'ConfigurationChanged',
        'The worker that goes on has another configuration than the run began under.',
      );
    if (found.stagingQueue === stagingQueue) return false;
    log.warn('The run goes on at another worker', { from: stagingQueue, to: found.stagingQueue });
    this.connection = { ...this.connection, stagingQueue: found.stagingQueue };
    this.calls = callsFor(this.connection);
    return true;
  }
}

/** What ends a run has to be done whatever the configuration is by then. Histories of earlier versions end here. */
const mayRunUnderAny = (activity: LimitedActivity): boolean =>
  activity === 'discardStaging' && patched('clean-up-under-any-configuration');

const isNotTaken = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';
