import type { CapacityShortage } from './steps.js';

const MINUTE_MS = 60_000;
const LONGEST_MS = 15 * MINUTE_MS;

/**
 * The longest time between two looks at a limit, in milliseconds. A slot becomes free within minutes, the month moves on within
 * hours; where nothing tells when there is room, each wait is twice as long as the one before.
 * @param shortage undefined: there is room, for those who came before
 * @param look from 1
 */
export function longestLookMs(shortage: Pick<CapacityShortage, 'limit' | 'free'> | undefined, look: number): number {
  if (shortage?.limit === 'unknown') return Math.min(LONGEST_MS, 2 ** (look - 1) * MINUTE_MS);
  const exhausted = shortage?.limit === 'monthly' && !((shortage.free.monthly?.free ?? 0) > 0);
  return exhausted ? LONGEST_MS : MINUTE_MS;
}

/** How long a run that is to look again after `lookMs` keeps its place in line, in milliseconds: a busy worker may be late. */
export function placeKeptMs(lookMs: number): number {
  return 2 * lookMs + MINUTE_MS;
}
