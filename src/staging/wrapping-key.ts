import { hkdfSync, randomBytes } from 'node:crypto';
import type { WrappingKey } from './run-key.js';

const PURPOSE = 'clari-temporal staging 1';
const BYTES = 32;

/**
 * A key for staging out of a secret that has other uses too, from which neither can be told.
 * @param secret read at each use; undefined: a key that dies with the process, so that what it staged is fetched again by the next
 */
export function wrappingKey(secret: (() => Promise<Uint8Array>) | undefined): WrappingKey {
  if (secret === undefined) {
    const own = randomBytes(BYTES);
    return () => Promise.resolve(own);
  }
  return async () => Buffer.from(hkdfSync('sha256', await secret(), '', PURPOSE, BYTES));
}
