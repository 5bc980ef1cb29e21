import type { AccountState, LedgerEntry, PostIntent } from '../model/account.js';

/** Clari's clock is known by the whole seconds of its Date headers, and so may the start of a job be. */
const CLOCK_MS = 2_000;

/**
 * A person who asks for a new job, or names one, after a POST of unknown outcome has decided what is to become of that: its export
 * counts as failed, unless a run of it goes on.
 * @param decision export that has its job by that
 * @param jobStartedAt of a job that was named, by Clari's clock: one that was there before the POST decides nothing
 */
export function withoutUndecided(
  state: AccountState,
  { exportId, whatKey, jobId, createdAt, fresh }: LedgerEntry,
  now: number,
  jobStartedAt?: number,
): AccountState {
  const isDecided = (other: LedgerEntry): boolean =>
    other.state === 'posting' &&
    other.intent !== null &&
    other.whatKey === whatKey &&
    other.exportId !== exportId &&
    other.active.length === 0 &&
    (fresh ? other.createdAt <= createdAt : mayBeOf(other.intent, jobId, jobStartedAt));
  const closed = (entry: LedgerEntry): LedgerEntry => ({ ...entry, state: 'failed', intent: null, changedAt: now });
  return { ...state, entries: state.entries.map((entry) => (isDecided(entry) ? closed(entry) : entry)) };
}

function mayBeOf(intent: PostIntent, jobId: string | null, startedAt: number | undefined): boolean {
  if (jobId === null || intent.knownJobIds.includes(jobId)) return false;
  return startedAt === undefined || startedAt >= intent.askedAt - CLOCK_MS;
}
