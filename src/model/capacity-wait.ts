import type { CapacityShortage } from './steps.js';

const MINUTE_MS = 60_000;
const LONGEST_MS = 15 * MINUTE_MS;

/**
 * The longest time between two looks at a limit, in milliseconds. A slot becomes free within minutes, the month moves on within
 * hours; where nothing tells when there is room, each wait of a run is twice as long as the one before.
 * @param waits how often the run has waited before
 */
export function longestLookMs(limit: CapacityShortage['limit'], waits: number): number {
  if (limit === 'concurrent') return MINUTE_MS;
  return limit === 'monthly' ? LONGEST_MS : Math.min(LONGEST_MS, 2 ** waits * MINUTE_MS);
}
