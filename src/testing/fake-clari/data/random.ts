import { createHash } from 'node:crypto';

/** A number of 31 bits that is the same for the same words, everywhere and always. */
export function seedFrom(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify(words)).digest().readUInt32BE(0) >>> 1;
}

/** Mixes three numbers into 31 bits (the finisher of MurmurHash3); cheap enough for every number of a 10 GB file. */
export function mix(seed: number, a: number, b: number): number {
  let h = seed ^ Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 1;
}
