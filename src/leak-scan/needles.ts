/** Shorter texts could be found anywhere by chance. */
export const LEAST_BYTES = 6;

/** Finds any of many sequences of bytes in one pass, and says whose they are. */
export class Needles {
  /** Which of 2^24 beginnings of three bytes may lead on. */
  readonly #likely = new Uint8Array(1 << 24);
  /** By their first bytes, as a number. */
  readonly #spelt = new Map<number, { readonly bytes: Buffer; readonly value: string }[]>();
  #longest = 0;

  /** Leaves out what is shorter than `LEAST_BYTES`. */
  add(bytes: Buffer, value: string): void {
    if (bytes.length < LEAST_BYTES) return;
    this.#longest = Math.max(this.#longest, bytes.length);
    this.#likely[bytes.readUIntBE(0, 3)] = 1;
    const beginning = bytes.readUIntBE(0, LEAST_BYTES);
    const others = this.#spelt.get(beginning);
    if (others) others.push({ bytes, value });
    else this.#spelt.set(beginning, [{ bytes, value }]);
  }

  /** Adds to `found` the values that are in `bytes`. */
  collect(bytes: Buffer, found: Set<string>): void {
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

  /** The same of bytes that come in pieces: holds no more of them than a piece and the longest sequence. */
  inPieces(found: Set<string>): (piece: Uint8Array) => void {
    let tail = Buffer.alloc(0);
    return (piece) => {
      const joined = Buffer.concat([tail, piece]);
      this.collect(joined, found);
      // A copy: a part would keep the whole.
      tail = Buffer.from(joined.subarray(Math.max(0, joined.length - this.#longest + 1)));
    };
  }
}
