import type { ClariLimits } from '../clari/port.js';
import type { CapacityShortage, Free } from '../model/steps.js';

/** Which limit leaves no room, if any. */
export function shortageIn(limits: ClariLimits): CapacityShortage | undefined {
  const free = freeIn(limits);
  if (free.monthly && free.monthly.free <= 0) return { limit: 'monthly', of: free.monthly.of, free };
  if (free.concurrent && free.concurrent.free <= 0) return { limit: 'concurrent', of: free.concurrent.of, free };
  return undefined;
}

/** What is known where Clari refused, and its limits say that there is room or can't be read. */
export function unclearShortage(limits: ClariLimits | undefined): CapacityShortage {
  return { limit: 'unknown', of: null, free: limits ? freeIn(limits) : { concurrent: null, monthly: null } };
}

function freeIn(limits: ClariLimits): CapacityShortage['free'] {
  return {
    concurrent: freeOf(limits.availableConcurrent, limits.concurrentLimit),
    monthly: freeOf(limits.availableMonthly, limits.monthlyQuota),
  };
}

const freeOf = (free: number | undefined, of: number | undefined): Free | null =>
  free === undefined ? null : { free, of: of ?? null };
