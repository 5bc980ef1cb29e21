import type {
  AccountState,
  ClaimAnswer,
  ClaimInput,
  FindAnswer,
  FindInput,
  IntentAnswer,
  IntentInput,
  LedgerEntry,
  LineAnswer,
  LineInput,
  RecordAnswer,
  RecordInput,
  ReleaseInput,
  SettleInput,
  Waiting,
} from '../model/account.js';
import { leaseLookMs, leasePlaceKeptMs } from '../model/lease-wait.js';
import { withLessEvidence, withoutLost, withRoom } from './ledger-bounds.js';
import { entryFor, isDead } from './ledger-entry.js';
import { withoutUndecided } from './undecided.js';

/** Ledger and creation lease of one account as pure steps: state in, state and answer out. */

type Step<A> = readonly [AccountState, A];

const minute = 60_000;
/** A claimant that is silent for so long is believed dead: it has posted nothing, or left an intent behind. */
const LEASE_MS = 5 * minute;
/** Longer than whoever looks for the job of a lost answer stays away. */
const LOOKING_MS = 2 * minute;
/** Runs that are over and still known: one that is forgotten here and reset later would ask for a job of its own. */
const MAX_OVER = 50;
const MAX_WARNINGS = 4;

export function claim(known: AccountState, input: ClaimInput, now: number): Step<ClaimAnswer> {
  const before = withoutLost(known, now);
  const entry = entryFor(before, input, now);
  const state = entry.requesters.includes(input.requester) ? before : withRoom(before, entry, now);
  if (!state) return [before, noPlace(before, entry, now)];
  const joined = !entry.requesters.includes(input.requester) && entry.requesters.length > 0;
  const mine = withRequester(entry, input.requester, now);
  if (mine.jobId !== null) {
    const { exportId, asOf, scheduledAt, jobId, partOf, warnings } = mine;
    const part = partOf === undefined ? {} : { partOf };
    const facts = { exportId, asOf, scheduledAt, jobId, joined, ...part, warnings };
    const others = entry.active.filter((other) => other !== input.requester);
    const decided = input.jobId === null ? state : withoutUndecided(state, mine, now, input.jobStartedAt);
    return [
      put(decided, mine, now),
      { action: 'use', ...facts, others, ageMs: now - (mine.intendedAt ?? mine.createdAt) },
    ];
  }
  const rival = mine.intent ? undefined : looking(state, mine, now);
  if (rival) {
    // It stays out of the line: whoever wants something else need not wait for this.
    const heldForMs = now - (rival.intendedAt ?? now);
    return [put(state, mine, now), { action: 'wait', heldBy: rival.exportId, heldForMs, ahead: 1, inLine: true }];
  }
  const { lease } = state;
  // An attempt of the same run has died if there is another one; that of another run is at work, and losing would starve it.
  const inTheWay =
    lease !== null && (lease.exportId !== mine.exportId || (lease.requester !== input.requester && !mine.intent));
  const held = inTheWay && now - lease.since < LEASE_MS ? lease : null;
  // Who has the lease and comes again, to look for the job of a lost answer, say, would wait for those who wait for it.
  const comesAgain = lease?.exportId === mine.exportId && !inTheWay;
  const [next, ...others] = comesAgain ? [] : earlier(state, mine, now, 'lease');
  const first = held ?? next;
  if (first) {
    const ahead = (held ? 1 : 0) + (next ? 1 : 0) + others.length;
    const heldForMs = held ? now - held.since : 0;
    const until = now + leasePlaceKeptMs(leaseLookMs(ahead, heldForMs));
    const queued: LedgerEntry = { ...mine, waits: { for: 'lease', until } };
    return [put(state, queued, now), { action: 'wait', heldBy: first.exportId, heldForMs, ahead, inLine: true }];
  }
  const leased = {
    ...put(state, mine, now),
    lease: { exportId: mine.exportId, requester: input.requester, attempt: input.attempt, since: now },
  };
  const { exportId, asOf, scheduledAt, intent } = mine;
  const facts = { exportId, asOf, scheduledAt, takenJobIds: jobIdsIn(state), ahead: earlier(state, mine, now).length };
  return [
    leased,
    intent
      ? { action: 'reconcile', ...facts, intent, waitedMs: waitedMs(mine, now) }
      : { action: 'post', ...facts, ...mayBeForgotten(state, mine) },
  ];
}

/** Of a run that the ledger has no room for: it is not noted at all, and whoever asks when there is room again comes before it. */
function noPlace(state: AccountState, entry: LedgerEntry, now: number): Extract<ClaimAnswer, { action: 'wait' }> {
  const { lease } = state;
  const inLine = earlier(state, entry, now);
  const heldBy = lease?.exportId ?? inLine[0]?.exportId ?? entry.exportId;
  const heldForMs = lease ? now - lease.since : 0;
  return { action: 'wait', heldBy, heldForMs, ahead: Math.max(1, inLine.length), inLine: false };
}

/** Another export whose job can't be told from this one's, and is being looked for: a second one now would make that impossible. */
function looking({ entries, lease }: AccountState, mine: LedgerEntry, now: number): LedgerEntry | undefined {
  return entries.find(
    (other) =>
      other.exportId !== mine.exportId &&
      other.exportId !== lease?.exportId &&
      other.forecastId === mine.forecastId &&
      other.state === 'posting' &&
      other.active.length > 0 &&
      now - other.changedAt < LOOKING_MS,
  );
}

const waitedMs = ({ intendedAt }: LedgerEntry, now: number): number => (intendedAt === null ? 0 : now - intendedAt);

/** Keeps the place in line of a run that waits for room at Clari, and tells how many come first. */
export function line(state: AccountState, { requester, withinMs }: LineInput, now: number): Step<LineAnswer> {
  const entry = state.entries.findLast((candidate) => candidate.requesters.includes(requester));
  if (!entry) return [state, { ahead: 0 }];
  const waiting: LedgerEntry = { ...entry, waits: { for: 'capacity', until: now + withinMs } };
  return [put(state, waiting, now), { ahead: earlier(state, entry, now).length }];
}

/** Exports that came before this one and still stand in line; `what`: for that alone. */
function earlier({ entries }: AccountState, mine: LedgerEntry, now: number, what?: Waiting['for']): LedgerEntry[] {
  const place = entries.findIndex((entry) => isSamePlace(entry, mine));
  const older = place === -1 ? entries : entries.slice(0, place);
  return older.filter(
    ({ state, waits }) => state === 'claimed' && waits && waits.until > now && (waits.for === what || !what),
  );
}

export function intend(state: AccountState, input: IntentInput, now: number): Step<IntentAnswer> {
  const entry = find(state, input.exportId);
  const { lease } = state;
  const holds = lease?.exportId === input.exportId && lease.attempt === input.attempt;
  if (!entry || !holds || entry.jobId !== null) return [state, 'lost'];
  const posting: LedgerEntry = { ...entry, state: 'posting', intent: input.intent, intendedAt: now };
  const next = withLessEvidence(put(state, posting, now));
  const foundJobs = state.foundJobs ?? input.intent.submitted;
  return [{ ...next, ...(foundJobs ? { foundJobs } : {}), lease: { ...lease, since: now } }, 'acknowledged'];
}

export function record(state: AccountState, input: RecordInput, now: number): Step<RecordAnswer> {
  const { excess = 0, warnings = [] } = input;
  const entry = find(state, input.exportId);
  if (!entry) return [state, { jobId: input.jobId, unwanted: false }];
  const unwanted = entry.state === 'cancelled';
  const counted = { ...state, excessJobs: state.excessJobs + excess };
  const released = state.lease?.exportId === input.exportId ? { ...counted, lease: null } : counted;
  if (entry.jobId !== null && entry.jobId !== input.jobId) {
    return [
      { ...released, excessJobs: counted.excessJobs + 1 },
      { jobId: entry.jobId, unwanted },
    ];
  }
  const created: LedgerEntry = {
    ...entry,
    state: isDead(entry) || entry.jobId !== null ? entry.state : 'created',
    jobId: input.jobId,
    intent: null,
    warnings: [...new Set([...entry.warnings, ...warnings])].slice(-MAX_WARNINGS),
  };
  const decided = entry.fresh ? withoutUndecided(released, created, now) : released;
  return [put(decided, created, now), { jobId: input.jobId, unwanted }];
}

/** Lets go of the lease; forgets the intent too where it is certain that no job was made. False: there was nothing of either. */
export function release(state: AccountState, input: ReleaseInput, now: number): Step<boolean> {
  const { exportId, attempt, noJob, waitsMs } = input;
  const entry = find(state, exportId);
  const { lease } = state;
  const holds = lease?.exportId === exportId && (attempt === null || lease.attempt === attempt);
  // An operator may know better than the ledger also when the run has given up, and the lease with it.
  const forgets = noJob && entry?.jobId === null && (holds || (attempt === null && entry.intent !== null));
  const free = holds ? { ...state, lease: null } : state;
  if (entry && forgets) {
    const waits: Waiting | null = waitsMs === undefined ? null : { for: 'capacity', until: now + waitsMs };
    return [put(free, { ...entry, state: 'claimed', intent: null, waits }, now), true];
  }
  return [free, holds];
}

export function settle(state: AccountState, input: SettleInput, now: number): Step<boolean> {
  const entry = find(state, input.exportId);
  const { requester } = input;
  // Who has left the export (cancelled while others wait) has no more say in it. Clari's own verdict names no run.
  if (!entry || (requester !== '' && !entry.requesters.includes(requester))) return [state, false];
  const active = entry.active.filter((other) => other !== requester);
  const left = { ...entry, active, requesters: entry.requesters.filter((other) => other !== requester) };
  // A cancelled run must not take the job from the other runs that wait for it, nor keep them waiting for its lease. After an intent
  // the lease is theirs already, to reconcile.
  if (input.state === 'cancelled' && active.length > 0) {
    const leased = state.lease?.exportId === entry.exportId && state.lease.requester === requester;
    return [put(leased && entry.intent === null ? { ...state, lease: null } : state, left, now), false];
  }
  // `ended` says only that this run is over: a job that failed or was cancelled before stays so.
  if (input.state === 'ended' && isDead(entry)) return [state, true];
  const { lease } = state;
  // The lease of another run that takes part is that run's to give back.
  const holds = lease?.exportId === entry.exportId && ['', lease.requester].includes(requester);
  const free = holds ? { ...state, lease: null } : state;
  if (input.state === 'ended') {
    // Whether there is a job is not known yet, or others are about to make it: the next equal export takes part.
    if (entry.intent !== null || (entry.jobId === null && active.length > 0)) return [put(free, left, now), false];
    // The others go on, and a run that comes now still shares their job.
    if (active.length > 0) return [put(free, { ...entry, active }, now), false];
  }
  const over = input.state === 'kept' ? 'ended' : input.state;
  return [put(free, { ...entry, state: over, requesters: remembered(entry.requesters, []), active: [] }, now), true];
}

/** The export of a run; else the one that has the job. */
export function findExport(state: AccountState, { requester, jobId = null }: FindInput, now: number): FindAnswer {
  const own = state.entries.findLast(({ requesters }) => requesters.includes(requester));
  const entry = own ?? (jobId === null ? undefined : state.entries.find((other) => other.jobId === jobId));
  if (!entry) return null;
  const { exportId, asOf, intent, warnings } = entry;
  const others = entry.active.filter((other) => other !== requester);
  const taken = { takenJobIds: jobIdsIn(state), waitedMs: waitedMs(entry, now) };
  const facts = { exportId, asOf, jobId: entry.jobId, intent, warnings, state: entry.state };
  return { ...facts, takesPart: own !== undefined, others, ...taken };
}

/**
 * Without an earlier export of the same thing, the ledger may be new, or its older entries gone; not where a job was about to be
 * made before, after which a person may have said that there is none, nor of a part, whose export was just there.
 */
function mayBeForgotten(
  { entries, foundJobs }: AccountState,
  { exportId, whatKey, asOf, intendedAt, partOf }: LedgerEntry,
): Pick<Extract<ClaimAnswer, { action: 'post' }>, 'mayBeForgotten' | 'foundJobs'> {
  const isKnown = entries.some(
    (other) => other.whatKey === whatKey && other.exportId !== exportId && other.jobId !== null && other.asOf <= asOf,
  );
  if (isKnown || intendedAt !== null || partOf !== undefined) return { mayBeForgotten: false };
  return { mayBeForgotten: true, ...(foundJobs ? { foundJobs } : {}) };
}

const jobIdsIn = (state: AccountState): readonly string[] =>
  state.entries.flatMap(({ jobId }) => (jobId === null ? [] : [jobId]));

function withRequester(entry: LedgerEntry, requester: string, now: number): LedgerEntry {
  const others = entry.requesters.filter((other) => other !== requester);
  const active = [...entry.active.filter((other) => other !== requester), requester];
  return {
    ...(entry.state === 'ended' ? reopened(entry, now) : entry),
    requesters: remembered([...others, requester], active),
    active,
  };
}

/** A run that goes on is never forgotten: its job could be cancelled. */
function remembered(requesters: readonly string[], active: readonly string[]): readonly string[] {
  const goesOn = new Set(active);
  const over = requesters.filter((requester) => !goesOn.has(requester));
  const forgotten = new Set(over.slice(0, Math.max(0, over.length - MAX_OVER)));
  return forgotten.size === 0 ? requesters : requesters.filter((requester) => !forgotten.has(requester));
}

/** An export that ended is under way again when its run is reset or its job is landed again. */
function reopened(entry: LedgerEntry, now: number): LedgerEntry {
  if (entry.jobId !== null) return { ...entry, state: 'created', relanded: true };
  // Equal runs join it, as they do a new one; it goes to the end of the line.
  return { ...entry, state: 'claimed', waits: null, createdAt: now };
}

function find(state: AccountState, exportId: string): LedgerEntry | undefined {
  return state.entries.find((entry) => entry.exportId === exportId);
}

/** One that was taken up again has its old place in line no more. */
const isSamePlace = (one: LedgerEntry, other: LedgerEntry): boolean =>
  one.exportId === other.exportId && one.createdAt === other.createdAt;

function put(state: AccountState, entry: LedgerEntry, now: number): AccountState {
  const changed = { ...entry, changedAt: now };
  const entries = state.entries.some((other) => isSamePlace(other, entry))
    ? state.entries.map((other) => (other.exportId === entry.exportId ? changed : other))
    : [...state.entries.filter(({ exportId }) => exportId !== entry.exportId), changed];
  return { ...state, entries };
}
