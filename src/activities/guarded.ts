import { ApplicationFailure, cancelled, Context, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailureCategory, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { ExportError } from '../model/export-error.js';
import { failures, type FailureType } from '../model/failures.js';

const HEARTBEAT_MS = 5_000;
/** A bug is retried for a while, in case it is a passing one; both must be used up before the run ends with it. */
const BUG_ATTEMPTS = 5;
const BUG_MS = 15 * 60_000;

/** Small; the next attempt finds what was told last. */
type Details = Readonly<Record<string, unknown>>;

/** What an activity is given beside its input. */
export interface Attempt {
  /** Aborts when the activity is cancelled, times out, or the worker shuts down. */
  readonly signal: AbortSignal;
  /** Shown in the UI while the attempt runs: positions, counts and references only. */
  readonly progress: (details: Details) => void;
}

/**
 * Runs one attempt of an activity: heartbeats on a clock of its own, so that a slow step of somebody else's code does not look
 * like death, and turns every error into a failure of the table.
 */
export async function attempt<R>(work: (attempt: Attempt) => Promise<R>): Promise<R> {
  const { cancellationSignal: signal } = Context.current();
  let details: Details = {};
  // None at the start: each is a call and an Action, and most attempts are polls of some milliseconds.
  const timer = setInterval(() => heartbeat(details), HEARTBEAT_MS);
  try {
    return await work({
      signal,
      progress(next) {
        details = { ...details, ...next };
        heartbeat(details);
      },
    });
  } catch (error) {
    // An aborted socket or stream throws whatever it likes: the reason is the cancellation.
    if (signal.aborted) await cancelled();
    throw failureOf(error);
  } finally {
    clearInterval(timer);
  }
}

/** The failure that Temporal sees; the failure table decides all about it. */
export function failureOf(error: unknown): Error {
  if (error instanceof TemporalFailure || error instanceof CancelledFailure) return error;
  if (error instanceof ExportError) return failure(error.type, error.message, { retryAfterMs: error.retryAfterMs });
  const { name, code, place } = describeUnknown(error);
  log.error('An unforeseen error', { errorName: name, errorCode: code, place });
  const { attempt: tried, scheduledTimestampMs } = Context.current().info;
  const forGood = tried >= BUG_ATTEMPTS && Date.now() - scheduledTimestampMs >= BUG_MS;
  return failure('Unexpected', `${name}${code ? ` (${code})` : ''} at ${place}.`, { forGood });
}

interface FailureOptions {
  readonly retryAfterMs?: number | undefined;
  /** Ends the activity although the table lets it be retried. */
  readonly forGood?: boolean;
}

function failure(type: FailureType, what: string, options: FailureOptions): ApplicationFailure {
  const { retryAfterMs, forGood = false } = options;
  const row = failures[type];
  const made = ApplicationFailure.create({
    type,
    message: `${what} ${row.remedy}`,
    nonRetryable: row.retry === 'never' || forGood,
    ...(row.retry === 'poll' ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });
  // Its stack would repeat the message and name this file, in the history and on the operator's screen.
  made.stack = '';
  return made;
}

/** Of an error nobody foresaw: its class, its code and where it was thrown, never its message, which may hold anything. */
function describeUnknown(error: unknown): { name: string; code: string | undefined; place: string } {
  if (!(error instanceof Error))
    return { name: `a thrown ${typeof error}`, code: undefined, place: 'an unknown place' };
  const code = 'code' in error && /^[A-Z0-9_]{2,40}$/.test(String(error.code)) ? String(error.code) : undefined;
  const name = /^[A-Za-z][A-Za-z0-9]{0,60}$/.test(error.name) ? error.name : 'Error';
  // A stack begins with the message.
  const stack = (error.stack ?? '').replace(error.message, '');
  const frame = /\(?(?:file:\/\/)?[^\s(]*?((?:src|dist|node_modules)\/[^\s)]+:\d+):\d+\)?/.exec(stack);
  return { name, code, place: frame?.[1] ?? 'an unknown place' };
}
