import { spellings } from './spellings.js';

/** Shorter texts could be found anywhere by chance. */
export const LEAST_BYTES = 6;

/** Finds any of many texts in any amount of bytes, in one pass, however they are spelt (`spellings`). */
export class Search {
  /** Which of 2^24 beginnings of three bytes may lead on. */
  readonly #likely = new Uint8Array(1 << 24);
  /** By their first bytes, as a number. */
  readonly #spelt = new Map<number, { readonly bytes: Buffer; readonly value: string }[]>();

  /** Bytes of the longest spelling. */
  #longest = 0;

  constructor(values: readonly string[]) {
    for (const value of values) for (const spelling of spellings(value)) this.#add(Buffer.from(spelling), value);
  }

  #add(bytes: Buffer, value: string): void {
    if (bytes.length < LEAST_BYTES) return;
    this.#longest = Math.max(this.#longest, bytes.length);
    this.#likely[bytes.readUIntBE(0, 3)] = 1;
    const beginning = bytes.readUIntBE(0, LEAST_BYTES);
    const others = this.#spelt.get(beginning);
    if (others) others.push({ bytes, value });
    else this.#spelt.set(beginning, [{ bytes, value }]);
  }

  /** The values that are there, each once, sorted. */
  in(where: string | Buffer): string[] {
    const found = new Set<string>();
    this.#collect(typeof where === 'string' ? Buffer.from(where) : where, found);
    return [...found].sort();
  }

  /** The same of bytes that come in pieces, however they are cut. Holds no more than a piece and the longest spelling. */
  async inPieces(pieces: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: number; readonly values: string[] }> {
    const found = new Set<string>();
    let bytes = 0;
    let tail = Buffer.alloc(0);
    for await (const piece of pieces) {
      bytes += piece.length;
      const joined = Buffer.concat([tail, piece]);
      this.#collect(joined, found);
      // A copy: a part would keep the whole.
      tail = Buffer.from(joined.subarray(Math.max(0, joined.length - this.#longest + 1)));
    }
    return { bytes, values: [...found].sort() };
  }

  #collect(bytes: Buffer, found: Set<string>): void {
    let three = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      three = ((three << 8) | (bytes[end] as number)) & 0xffffff;
      const at = end - 2;
      if (this.#likely[three] === 0 || at < 0 || at + LEAST_BYTES > bytes.length) continue;
      for (const { bytes: sought, value } of this.#spelt.get(bytes.readUIntBE(at, LEAST_BYTES)) ?? []) {
        if (bytes.subarray(at, at + sought.length).equals(sought)) found.add(value);
      }
    }
  }
}
