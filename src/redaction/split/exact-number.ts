import * as json from './json-bytes.js';

/** A double has 15 significant digits for certain, so that shorter tokens of numbers come through one unharmed. */
export const MAX_EXACT_NUMBER = 15;

/**
 * Whether DuckDB's reader of JSON, which makes a double of a number, gives it back as it is written in `bytes[start, end)`. It does
 * not where the number is long, has an exponent, or is printed otherwise: `1.10` as `1.1`, `0.00001` as `1e-05`, `-0` as `0`.
 */
export function comesThroughDouble(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MAX_EXACT_NUMBER) return false;
  const first = bytes[start] === json.MINUS ? start + 1 : start;
  let point = end;
  for (let at = first; at < end; at++) {
    const c = bytes[at] as number;
    if (c === json.POINT) point = at;
    // Of what is in a number, the letter of an exponent alone.
    else if (c > json.NINE) return false;
  }
  if (point === end) return first === start || bytes[first] !== json.ZERO;
  if (bytes[end - 1] === json.ZERO && end > point + 2) return false;
  const zeros = Math.min(end, point + 5);
  for (let at = point + 1; at < zeros; at++) if (bytes[at] !== json.ZERO) return true;
  return bytes[first] !== json.ZERO || end <= point + 5;
}
