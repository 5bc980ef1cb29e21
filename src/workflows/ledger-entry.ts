import type { AccountState, ClaimInput, LedgerEntry } from '../model/account.js';

/** A job older than this is no longer joined by an ad-hoc run: no run's deadline is longer by default. */
export const JOIN_MS = 48 * 60 * 60_000;

export const isOpen = (entry: LedgerEntry): boolean => ['claimed', 'posting', 'created'].includes(entry.state);
export const isDead = (entry: LedgerEntry): boolean => entry.state === 'failed' || entry.state === 'cancelled';

/** The run's own entry; else an equal export that may be joined; else a new one. */
export function entryFor(state: AccountState, input: ClaimInput, now: number): LedgerEntry {
  // A job that is named is the same job however little the request says of it.
  const equal = state.entries.filter((entry) =>
    input.jobId === null ? entry.whatKey === input.whatKey : entry.jobId === input.jobId,
  );
  const own = equal.findLast((entry) => entry.requesters.includes(input.requester) && !isDead(entry));
  if (own) return own;
  if (input.jobId !== null) {
    // Landing a job again keeps its export id, so that its snapshot is replaced rather than doubled.
    const { jobId, landedAs } = input;
    return equal.at(-1) ?? { ...newEntry(state, input, now), ...landedAs, state: 'created', jobId };
  }
  // A part belongs to its export and not to the run that asked first: who lands the export once more needs no second job.
  if (input.partOf !== undefined) return equal.findLast((entry) => !isDead(entry)) ?? newEntry(state, input, now);
  if (!input.fresh) {
    const { scheduledAt } = input;
    const shared =
      scheduledAt === null ? equal.findLast((entry) => isUnderWay(entry, now)) : ofTime(equal, scheduledAt, now);
    if (shared) return scheduledAt === null ? shared : { ...shared, asOf: scheduledAt, scheduledAt };
  }
  return newEntry(state, input, now);
}

/** What may have been posted is joined until somebody has found out; a job as long as it is of today. */
function isUnderWay(entry: LedgerEntry, now: number): boolean {
  if (!isOpen(entry) || entry.relanded) return false;
  return entry.intent !== null || now - (entry.jobId === null ? entry.changedAt : entry.createdAt) < JOIN_MS;
}

/**
 * The export of a scheduled time and of no other. It may be one that was asked for by hand, as long as its job is not older than
 * that time: which of two runs that meet is first must make no difference.
 */
function ofTime(equal: readonly LedgerEntry[], scheduledAt: string, now: number): LedgerEntry | undefined {
  const own = equal.findLast((entry) => !isDead(entry) && entry.scheduledAt === scheduledAt);
  return (
    own ??
    equal.findLast(
      (entry) =>
        entry.scheduledAt === null &&
        isUnderWay(entry, now) &&
        (entry.state === 'claimed' || entry.createdAt >= Date.parse(scheduledAt)),
    )
  );
}

function newEntry(state: AccountState, input: ClaimInput, now: number): LedgerEntry {
  const asOf = input.scheduledAt ?? new Date(now).toISOString();
  const stamp = asOf.replace(/\.\d+/, '').replace(/[-:]/g, '');
  const key = `${input.whatKey}-${stamp}`;
  const generation =
    1 + Math.max(0, ...state.entries.filter((e) => e.exportId.startsWith(`${key}-`)).map((e) => e.generation));
  return {
    exportId: `${key}-${generation}`,
    whatKey: input.whatKey,
    asOf,
    scheduledAt: input.scheduledAt,
    generation,
    requesters: [],
    active: [],
    forecastId: input.forecastId,
    state: 'claimed',
    jobId: null,
    intent: null,
    intendedAt: null,
    waits: null,
    warnings: [],
    createdAt: now,
    relanded: input.jobId !== null,
    ...(input.partOf === undefined ? {} : { partOf: input.partOf }),
    ...(input.fresh ? { fresh: true } : {}),
    changedAt: now,
  };
}
