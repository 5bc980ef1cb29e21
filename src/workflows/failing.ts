import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { LimitedActivity } from '../model/activity-limits.js';
import type { ExportForecastRequest } from '../model/request.js';
import { endingRemedy, failures, isFailureType, type FailureRow, type FailureType } from '../model/failures.js';

/** A failure of the table, as the end of a workflow: what happened, then what to do. */
export function failed(type: FailureType, what: string): ApplicationFailure {
  // A plain Error would fail the workflow task instead, and the run would look stuck for ever.
  return ending(type, `${what} ${endingRemedy(type)}`);
}

/** The end of a run that took too long as a whole. @param kept the job that it leaves at Clari */
export function deadlinePassed(seconds: number, kept: KeptJob | undefined): ApplicationFailure {
  const left = kept ? keptSentence(kept) : 'A job that it had at Clari was cancelled.';
  return ending(
    'ExportTimedOut',
    `The run was not done within its deadline of ${seconds} seconds, and was ended. ${left} ` +
      'See in its history what it waited for, raise CLARI_RUN_DEADLINE if need be, then start it again.',
  );
}

/** A job that can still be landed, as a whole or by its parts. */
export interface KeptJob extends Pick<ExportForecastRequest, 'splitIfTruncated'> {
  readonly jobId: string;
}

function keptSentence({ jobId, splitIfTruncated }: KeptJob): string {
  const named = `"jobId":"${jobId}"${splitIfTruncated ? ',"splitIfTruncated":true' : ''}`;
  return `Clari’s job ${jobId} is kept: a request with ${named} lands it without a new one.`;
}

function ending(type: FailureType, message: string): ApplicationFailure {
  const failure = ApplicationFailure.create({ type, message, nonRetryable: true });
  // Its stack would repeat the message and name this file, in the history and on the operator's screen.
  failure.stack = '';
  return failure;
}

/** The end of a run that has a job at Clari, with the job named where it can still be landed. */
export function withJob(error: unknown, job: KeptJob): unknown {
  const end = translated(error);
  if (!(end instanceof ApplicationFailure && isFailureType(end.type))) return end;
  const row: FailureRow = failures[end.type];
  if (row.jobIsSpent) return end;
  const remedy = endingRemedy(end.type);
  return ending(end.type, end.message.replace(remedy, `${keptSentence(job)} ${remedy}`));
}

/** What an activity's failure was at its root, if the table knows it. */
export function typeOf(error: unknown): FailureType | undefined {
  const cause = rootOf(error);
  return cause instanceof ApplicationFailure && isFailureType(cause.type) ? cause.type : undefined;
}

/** What went wrong in an activity, if it is one's failure: of one that ran out of time, what went wrong in its last attempt. */
function rootOf(error: unknown): unknown {
  // A local activity's failure comes as it is, without an ActivityFailure around it.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof TimeoutFailure && cause.cause instanceof ApplicationFailure ? cause.cause : cause;
}

/** A wait that ran out, by the poll that ran out and the activity that waits so; what the last one saw is said behind it. */
const endOfWait = {
  ExportNotReady: ['ExportTimedOut', 'The job at Clari was not finished within the time that', 'awaitExport'],
  NoCapacity: ['QuotaExhausted', 'No export became free within the time that', 'awaitCapacity'],
} as const satisfies Partial<Record<FailureType, readonly [FailureType, string, LimitedActivity]>>;
/** Waits for both, with a limit of its own. */
const forParts: LimitedActivity = 'exportParts';

/** The end of a run as an operator should read it: at the top, not buried under the SDK's "Activity task failed". */
export function translated(error: unknown): unknown {
  if (isCancellation(error)) return error;
  const cause = rootOf(error);
  if (cause instanceof ApplicationFailure && isFailureType(cause.type)) {
    if (cause.type === 'ExportNotReady' || cause.type === 'NoCapacity') {
      const [type, what, usual] = endOfWait[cause.type];
      const waits = error instanceof ActivityFailure && error.activityType === forParts ? forParts : usual;
      return failed(type, `${what} ${waits} has: ${cause.message.replace(failures[cause.type].remedy, '').trim()}`);
    }
    return ending(cause.type, cause.message.replace(failures[cause.type].remedy, endingRemedy(cause.type)));
  }
  if (!(error instanceof ActivityFailure)) return error;
  if (cause instanceof TimeoutFailure)
    return failed('StepTimedOut', `${error.activityType} timed out (${cause.timeoutType}).`);
  return failed('Unexpected', `${error.activityType} failed in an unforeseen way.`);
}
