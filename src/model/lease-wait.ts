/** What the creation of a job takes, as a rule: the lease is held for a few calls to Clari. */
const CREATION_MS = 1_000;
/** Who waits for a lease that is held for long must not find it free too late. */
const LONGEST_HELD_MS = 10_000;
/** Many runs that wait for the lease must not spend on asking the calls that its holder needs. */
const LONGEST_MS = 120_000;
const PLACE_KEPT_MS = 20_000;

/**
 * When a run that waits for the creation lease is to ask again, in milliseconds: the sooner, the fewer come before it.
 * @param ahead how many create before it, at least 1
 * @param heldForMs how long the lease has been held
 */
export function leaseLookMs(ahead: number, heldForMs: number): number {
  return Math.min(LONGEST_MS, Math.max(ahead * CREATION_MS, Math.min(LONGEST_HELD_MS, heldForMs / 4)));
}

/** How long a run that is to ask again after `lookMs` keeps its place in line for the lease, in milliseconds. */
export function leasePlaceKeptMs(lookMs: number): number {
  return Math.max(PLACE_KEPT_MS, 2 * lookMs);
}
