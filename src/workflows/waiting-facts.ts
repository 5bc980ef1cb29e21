import { longestLookMs } from '../model/capacity-wait.js';
import type { CapacityShortage, Free } from '../model/steps.js';

/** What a run that waits for capacity shows: which limit, how much is free, when it is looked at again and given up. */
export function waitingFacts(
  shortage: CapacityShortage,
  givenUpAt: number,
): Readonly<Record<keyof typeof notWaiting, string>> {
  const { limit, of, free, ahead } = shortage;
  const minutes = longestLookMs(shortage, 1) / 60_000;
  return {
    waiting: `${limit} limit of exports${of === null ? '' : ` (${of})`} reached`,
    'before it': `${ahead} export(s) of this account`,
    free: `${shown(free.concurrent)} at once, ${shown(free.monthly)} in 30 days`,
    'next look': `every ${minutes} minute(s) or sooner, until ${new Date(givenUpAt).toISOString()}`,
  };
}

/** Takes them away again. */
export const notWaiting = {
  waiting: undefined,
  'before it': undefined,
  free: undefined,
  'next look': undefined,
} as const;

const shown = (free: Free | null): string => (free === null ? 'unknown' : `${free.free} of ${free.of ?? 'unknown'}`);
