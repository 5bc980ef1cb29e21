import { isUtf8 } from 'node:buffer';
import { BACKSLASH, escapable, LETTER_U, plainInString } from './json-bytes.js';

/** Bytes at the end of `b[0, end)` that may be the start of a character which the next chunk completes: 0 to 3. */
export function incompleteTail(b: Uint8Array, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = b[end - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** Length of the longest prefix of `b[0, end)` that is valid UTF-8, give or take one character. */
export function validPrefix(b: Uint8Array, end: number): number {
  let valid = 0;
  let invalid = end;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isUtf8(b.subarray(0, middle - incompleteTail(b, middle)))) valid = middle;
    else invalid = middle;
  }
  return valid - incompleteTail(b, valid);
}

/**
 * Length of the escape at `b[at]`, a backslash: 2, 6, or 12 for a surrogate pair; 0 if `b` ends before that is known; -1 if it is
 * none. A lone surrogate is none: it stands for no character, and no destination takes it.
 */
export function escapeLength(b: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const kind = b[at + 1] as number;
  if (kind !== LETTER_U) return escapable[kind] === 1 ? 2 : -1;
  if (at + 6 > end) return 0;
  const unit = hexUnit(b, at + 2);
  if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000)) return -1;
  if (unit < 0xd800 || unit >= 0xe000) return 6;
  if ((at + 6 < end && b[at + 6] !== BACKSLASH) || (at + 7 < end && b[at + 7] !== LETTER_U)) return -1;
  if (at + 12 > end) return 0;
  const low = hexUnit(b, at + 8);
  return low >= 0xdc00 && low < 0xe000 ? 12 : -1;
}

/** Four hex digits as a number, or -1. */
function hexUnit(b: Uint8Array, at: number): number {
  let unit = 0;
  for (let k = at; k < at + 4; k++) {
    const digit = parseInt(String.fromCharCode(b[k] as number), 16);
    if (Number.isNaN(digit)) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/** Where the key whose inside starts at `start` ends: at a quote, at a control character, or at or beyond `end`. */
export function keyEnd(b: Uint8Array, start: number, end: number): number {
  let stop = start;
  while (stop < end) {
    const c = b[stop] as number;
    if (plainInString[c] === 1) stop++;
    else if (c === BACKSLASH) stop += 2;
    else return stop;
  }
  return stop;
}

/** Whether the escapes in a key, `b[start, stop)`, are all characters. */
export function validEscapes(b: Uint8Array, start: number, stop: number): boolean {
  for (let at = start; at < stop;) {
    const length = b[at] === BACKSLASH ? escapeLength(b, at, stop) : 1;
    if (length <= 0) return false;
    at += length;
  }
  return true;
}
