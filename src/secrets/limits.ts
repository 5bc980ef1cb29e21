/** Far more than any token or key, and far less than what a mistaken path or command could load. */
export const LONGEST_BYTES = 64 * 1024;

/** Bound on one look into a store, in milliseconds. */
export const READ_TIMEOUT_MS = 10_000;
