import type { ApplicationFailure } from '@temporalio/common';
import { applicationFailure, ownDelayMs } from './application-failure.js';
import { pendingAfter } from './pending.js';
import type { ExportHandle } from './runs.js';

/** The failed end of one activity, or of an attempt that another one follows. */
export interface FailedActivity {
  readonly activity: string;
  /** Undefined where it said nothing within its time. */
  readonly failure: ApplicationFailure | undefined;
  /** The wait that it names for itself, in milliseconds. */
  readonly ownDelayMs: number | undefined;
  /** Attempts until then. */
  readonly attempts: number;
  /** What the attempt before ended with. */
  readonly before: ApplicationFailure | undefined;
}

/** How a failure showed itself: the very error that a client or the Web UI gets, and what Temporal did with it. */
export interface Witness {
  readonly error: Error;
  readonly activities: readonly FailedActivity[];
}

/** What a run ended with; fails the test where it ends well. */
export async function witnessEnd(run: ExportHandle): Promise<Witness> {
  const error = await run.result().then(
    () => new Error(`${run.workflowId} was to fail, and did not.`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw error;
  return { error, activities: await failedActivities(run) };
}

/** An attempt that fails so while its run goes on. */
export async function witnessAttempt(run: ExportHandle, type: string): Promise<Witness> {
  const pending = await pendingAfter(run, type);
  return { error: pending.failure, activities: [{ ...pending, before: undefined }] };
}

/** All that ended by a failure of their own, in their order. */
async function failedActivities(run: ExportHandle): Promise<FailedActivity[]> {
  const { events = [] } = await run.fetchHistory();
  const eventOf = (id: unknown) => events?.find(({ eventId }) => String(eventId) === String(id));
  return (events ?? []).flatMap((event): FailedActivity[] => {
    const { activityTaskFailedEventAttributes: failed, activityTaskTimedOutEventAttributes: timedOut } = event;
    const { markerRecordedEventAttributes: marker } = event;
    const ended = failed ?? timedOut;
    if (ended) {
      // Of one that ran out of time between two attempts, the last attempt's.
      const root = ended.failure?.applicationFailureInfo ? ended.failure : ended.failure?.cause;
      const started = eventOf(ended.startedEventId)?.activityTaskStartedEventAttributes;
      const scheduled = eventOf(ended.scheduledEventId)?.activityTaskScheduledEventAttributes;
      return [
        {
          activity: scheduled?.activityType?.name ?? '',
          failure: applicationFailure(root),
          ownDelayMs: ownDelayMs(root),
          attempts: started?.attempt ?? 0,
          before: applicationFailure(started?.lastFailure),
        },
      ];
    }
    // A local activity leaves a marker alone.
    const local = applicationFailure(marker?.failure?.cause ?? marker?.failure);
    const [data] = marker?.details?.data?.payloads ?? [];
    if (!local || !data?.data) return [];
    const { activity_type: activity, attempt: attempts } = JSON.parse(Buffer.from(data.data).toString('utf8')) as {
      readonly activity_type: string;
      readonly attempt: number;
    };
    return [{ activity, failure: local, ownDelayMs: undefined, attempts, before: undefined }];
  });
}
