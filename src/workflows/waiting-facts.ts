import type { ActivityLimitOverrides } from '../model/activity-limits.js';
import { limitsOf } from '../model/activity-limits.js';
import { longestLookMs } from '../model/capacity-wait.js';
import type { CapacityShortage, Free } from '../model/steps.js';

/** What a run that waits for capacity shows: which limit, how much is free, when it is looked at again and given up. */
export function waitingFacts(
  { limit, of, free }: CapacityShortage,
  waits: number,
  limits: ActivityLimitOverrides,
): Readonly<Record<keyof typeof notWaiting, string>> {
  const minutes = longestLookMs(limit, waits) / 60_000;
  const givenUp = Date.now() + limitsOf('awaitCapacity', limits).scheduleToClose * 1000;
  return {
    waiting: `${limit} limit of exports${of === null ? '' : ` (${of})`} reached`,
    free: `${shown(free.concurrent)} at once, ${shown(free.monthly)} in 30 days`,
    'next look': `every ${minutes} minute(s) or sooner, until ${new Date(givenUp).toISOString()}`,
  };
}

/** Takes them away again. */
export const notWaiting = { waiting: undefined, free: undefined, 'next look': undefined } as const;

const shown = (free: Free | null): string => (free === null ? 'unknown' : `${free.free} of ${free.of ?? 'unknown'}`);
