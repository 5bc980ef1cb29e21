import { RetryState } from '@temporalio/common';
import {
  ActivityCancellationType,
  ActivityFailure,
  CancelledFailure,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import type {
  AccountActivities,
  CleanupActivities,
  ResolvingActivities,
  StagingActivities,
} from '../activities/types.js';
import { limitsOf, type LimitedActivity } from '../model/activity-limits.js';
import type { ResolvedConnection } from '../model/steps.js';
import { cleanupQueueOf } from '../model/task-queues.js';

export const { resolveConnection } = proxyLocalActivities<ResolvingActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
});

/** Of 1 to 5, where 3 is what everything else has. */
const FIRST = 1;
/** What is staged goes on before more is fetched: behind a long queue of downloads, staging would only fill. */
const SOONER: ReadonlySet<LimitedActivity> = new Set(['redactExport', 'storeExport']);
const SOON = 2;

export interface CallBounds {
  /** Bound on all attempts together, in milliseconds, in place of the activity's limit. */
  readonly withinMs?: number;
  /** Bound on the time in the queue, in milliseconds. Default none. */
  readonly toStartMs?: number;
  /** Goes before what others have put into the queue. Default false. */
  readonly first?: boolean;
}

/**
 * An attempt that says "not yet" after its cancellation was asked for, and before it has heard of it, is not made again: its
 * failure is not why the run ends, and the job at Clari would stay.
 */
function asCancellation(error: unknown): never {
  if (error instanceof ActivityFailure && error.retryState === RetryState.CANCEL_REQUESTED) {
    throw new CancelledFailure(`${error.activityType} was cancelled`);
  }
  throw error;
}

/** `summary` is shown beside the activity's name in the Web UI. */
type Call<F> = F extends (input: infer I) => Promise<infer O>
  ? (input: I, summary?: string, bounds?: CallBounds) => Promise<O>
  : never;
type Calls<A> = { readonly [N in keyof A]: Call<A[N]> };

type RunActivities = AccountActivities & StagingActivities & CleanupActivities;
export type RunCalls = Calls<RunActivities>;

/** The activities of a run: on the queue that the connection says, each within its limits. */
export function callsFor(connection: ResolvedConnection): RunCalls {
  const options = (
    activity: LimitedActivity,
    taskQueue: string,
    summary?: string,
    { withinMs, toStartMs, first = false }: CallBounds = {},
  ): ActivityOptions => {
    const limits = limitsOf(activity, connection.limits);
    const wholeMs = withinMs ?? limits.scheduleToClose * 1000;
    return {
      taskQueue,
      startToCloseTimeout: limits.startToClose * 1000,
      scheduleToCloseTimeout: wholeMs,
      heartbeatTimeout: limits.heartbeat * 1000,
      // The SDK's real default is try-cancel: the run would clean up while the activity still writes.
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: {
        initialInterval: limits.retryInitial * 1000,
        maximumInterval: limits.retryMaximum * 1000,
        backoffCoefficient: 2,
      },
      // Where both end at once, it is the time for all attempts that is up.
      ...(toStartMs === undefined || toStartMs >= wholeMs ? {} : { scheduleToStartTimeout: toStartMs }),
      ...(summary ? { summary } : {}),
      ...(first || SOONER.has(activity) ? { priority: { priorityKey: first ? FIRST : SOON } } : {}),
    };
  };
  const on = <A, N extends keyof A & LimitedActivity>(taskQueue: string, activity: N): Call<A[N]> => {
    const call = (input: unknown, summary?: string, bounds?: CallBounds): Promise<unknown> => {
      const proxy = proxyActivities<RunActivities>(options(activity, taskQueue, summary, bounds));
      return (proxy[activity] as (input: unknown) => Promise<unknown>)(input).catch(asCancellation);
    };
    return call as Call<A[N]>;
  };
  const account = <N extends keyof AccountActivities>(name: N) =>
    on<AccountActivities, N>(connection.accountQueue, name);
  const staging = <N extends keyof StagingActivities>(name: N) =>
    on<StagingActivities, N>(connection.stagingQueue, name);
  return {
    verifyAuth: account('verifyAuth'),
    listForecasts: account('listForecasts'),
    startExport: account('startExport'),
    awaitCapacity: account('awaitCapacity'),
    awaitExport: account('awaitExport'),
    exportParts: account('exportParts'),
    cancelExport: account('cancelExport'),
    downloadExport: staging('downloadExport'),
    downloadParts: staging('downloadParts'),
    redactExport: staging('redactExport'),
    storeExport: staging('storeExport'),
    discardStaging: on<CleanupActivities, 'discardStaging'>(cleanupQueueOf(connection.stagingQueue), 'discardStaging'),
  };
}
