import type { AccountState, LedgerEntry } from '../model/account.js';
import { isOpen, JOIN_MS } from './ledger-entry.js';

/** What keeps the ledger small, so that it can always be continued as new: Temporal refuses a payload of 2 MB. */

/** Exports that are remembered once they are over: the oldest go first. */
const MAX_ENTRIES = 300;
/** With it the ledger takes no more runs. Those that it has may make it grow by half as much again. */
const MAX_BYTES = 512 * 1024;
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
  return gone.size === 0 ? state : { ...state, entries: state.entries.filter((entry) => !gone.has(entry)) };
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
