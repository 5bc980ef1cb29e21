import type { ClariLimits } from '../clari/port.js';
import { longestLookMs } from '../model/capacity-wait.js';
import { ExportError } from '../model/export-error.js';
import type { CapacityShortage, Free } from '../model/steps.js';
import { pollDelay } from './poll-delay.js';

/**
 * Which limit leaves no room, if any.
 * @param ahead exports that came earlier and wait too
 */
export function shortageIn(limits: ClariLimits, ahead: number): CapacityShortage | undefined {
  const free = freeIn(limits);
  if (free.monthly && free.monthly.free <= ahead) return { limit: 'monthly', of: free.monthly.of, free, ahead };
  if (free.concurrent && free.concurrent.free <= ahead) {
    return { limit: 'concurrent', of: free.concurrent.of, free, ahead };
  }
  return undefined;
}

/** What is known where Clari refused, and its limits say that there is room or can't be read. */
export function unclearShortage(limits: ClariLimits | undefined, ahead: number): CapacityShortage {
  return { limit: 'unknown', of: null, free: limits ? freeIn(limits) : { concurrent: null, monthly: null }, ahead };
}

/** "Not yet", with the reason and the wait until the next look. */
export function noRoom(shortage: CapacityShortage, look: number): ExportError {
  const { limit, of, ahead } = shortage;
  const reached = `The ${limit} limit${of === null ? '' : ` of ${of}`} is reached`;
  const line = ahead === 0 ? reached : `${reached}, counting ${ahead} export(s) that came before`;
  const why = limit === 'unknown' ? 'Clari refused the export for lack of room, and its limits do not say which' : line;
  const longest = longestLookMs(shortage, look);
  return new ExportError('NoCapacity', `${why}; looked at ${look} time(s).`, {
    retryAfterMs: limit === 'unknown' ? longest : pollDelay(look, longest),
  });
}

function freeIn(limits: ClariLimits): CapacityShortage['free'] {
  return {
    concurrent: freeOf(limits.availableConcurrent, limits.concurrentLimit),
    monthly: freeOf(limits.availableMonthly, limits.monthlyQuota),
  };
}

const freeOf = (free: number | undefined, of: number | undefined): Free | null =>
  free === undefined ? null : { free, of: of ?? null };
