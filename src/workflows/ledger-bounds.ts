import type { AccountState, LedgerEntry, PostIntent } from '../model/account.js';
import { isOpen, JOIN_MS } from './ledger-entry.js';

/** What keeps the ledger small, so that it can always be continued as new: Temporal refuses a payload of 2 MB. */

/** Exports that are remembered once they are over: the oldest go first. */
const MAX_ENTRIES = 300;
/** With it the ledger takes no more runs. Those that it has may make it grow by half as much again. */
const MAX_BYTES = 512 * 1024;
/** POSTs of unknown outcome of which all is kept that was known before: some 14 KB each. */
const MAX_EVIDENCE = 20;
/** Clari keeps the file of a job for thirty days after its end. */
const LOST_MS = 32 * 24 * 60 * 60_000;
/** Longer than a run that waits, or is about to be refused, leaves its claim untouched. */
const CLAIM_MS = 60 * 60_000;

/**
 * The ledger with room for one more run of an export, which is kept whatever it is; undefined where all that it holds is under way.
 * What goes is what is over, then what nobody can be at work on any more, each the oldest first.
 */
export function withRoom(state: AccountState, { exportId }: LedgerEntry, now: number): AccountState | undefined {
  const others = state.entries.filter((entry) => entry.exportId !== exportId);
  const goers = others.filter((entry) => entry.exportId !== state.lease?.exportId && !isAtWork(entry, now));
  const oldestFirst = [...goers.filter((entry) => !isOpen(entry)), ...goers.filter(isOpen)];
  let bytes = state.entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  let count = others.length;
  const gone = new Set<LedgerEntry>();
  for (const entry of oldestFirst) {
    if (count < MAX_ENTRIES && bytes <= MAX_BYTES) break;
    gone.add(entry);
    count -= 1;
    bytes -= bytesOf(entry);
  }
  if (bytes > MAX_BYTES) return undefined;
  if (gone.size === 0) return state;
  const rest = { ...state, entries: state.entries.filter((entry) => !gone.has(entry)) };
  return [...gone].some((entry) => mayBeAskedFor(entry, now)) ? withoutFound(rest) : rest;
}

/** Whether its job is young enough that whoever asks for the export looks for it at Clari (activities/forgotten.ts). */
const mayBeAskedFor = ({ jobId, changedAt }: LedgerEntry, now: number): boolean =>
  jobId !== null && now - changedAt < JOIN_MS;

/** What the ledger remembers begins anew with its next POST. */
function withoutFound(state: AccountState): AccountState {
  const { foundJobs: _, ...rest } = state;
  return rest;
}

/** Keeps of all but the newest POSTs of unknown outcome no more than tells that there was one. */
export function withLessEvidence(state: AccountState): AccountState {
  const full = state.entries.filter(({ intent }) => intent !== null && intent.digestOnly !== true);
  const [oldest] = full.sort((one, other) => (one.intendedAt ?? 0) - (other.intendedAt ?? 0));
  if (full.length <= MAX_EVIDENCE || !oldest?.intent) return state;
  const { submitted, askedAt } = oldest.intent;
  const intent: PostIntent = {
    knownJobIds: [],
    knownSince: null,
    submitted: submitted && { digest: submitted.digest, marks: null },
    askedAt,
    digestOnly: true,
  };
  return { ...state, entries: state.entries.map((entry) => (entry === oldest ? { ...entry, intent } : entry)) };
}

/** Nobody can land any more what a POST so long ago may have made: its export counts as failed. */
export function withoutLost(state: AccountState, now: number): AccountState {
  const isLost = ({ exportId, state: stands, intendedAt }: LedgerEntry): boolean =>
    stands === 'posting' && now - (intendedAt ?? now) >= LOST_MS && exportId !== state.lease?.exportId;
  if (!state.entries.some(isLost)) return state;
  const settled = (entry: LedgerEntry): LedgerEntry =>
    isLost(entry) ? { ...entry, state: 'failed', intent: null, active: [], changedAt: now } : entry;
  return { ...state, entries: state.entries.map(settled) };
}

/** Whether a run may still need what is open: a run that was terminated settles nothing. */
function isAtWork({ state, changedAt, waits }: LedgerEntry, now: number): boolean {
  if (state === 'claimed') return now - changedAt < CLAIM_MS || (waits?.until ?? 0) > now;
  if (state === 'created') return now - changedAt < JOIN_MS;
  return state === 'posting';
}

const encoder = new TextEncoder();
/** An entry is never changed, only replaced. */
const measured = new WeakMap<LedgerEntry, number>();

function bytesOf(entry: LedgerEntry): number {
  const known = measured.get(entry);
  if (known !== undefined) return known;
  const bytes = encoder.encode(JSON.stringify(entry)).length;
  measured.set(entry, bytes);
  return bytes;
}
