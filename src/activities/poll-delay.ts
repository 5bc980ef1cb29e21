const FIRST_MS = 1_000;
const GROWTH = 1.5;

/**
 * Wait before look number `look + 1`, in milliseconds: short at first, since most jobs at Clari take seconds, then up to `longest`.
 * @param look from 1
 */
export function pollDelay(look: number, longest: number): number {
  return Math.min(longest, Math.round(FIRST_MS * GROWTH ** Math.min(look - 1, 40)));
}
