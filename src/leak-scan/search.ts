import { folded, foldedText, Folder } from './fold.js';
import { LEAST_BYTES, Needles } from './needles.js';
import { spellings } from './spellings.js';

export { LEAST_BYTES };

/** Whether a value is found anywhere by chance, and so is not looked for. */
export const isTooShort = (value: string): boolean => Buffer.byteLength(foldedText(value)) < LEAST_BYTES;

/** Finds any of many texts in any amount of bytes, in one pass, however they are spelt (`spellings`). */
export class Search {
  readonly #texts = new Needles();
  readonly #base64 = new Needles();

  constructor(values: readonly string[]) {
    for (const value of values) {
      const { texts, base64 } = spellings(value);
      for (const spelling of new Set([...texts].map(foldedText))) this.#texts.add(Buffer.from(spelling), value);
      for (const spelling of base64) this.#base64.add(Buffer.from(spelling), value);
    }
  }

  /** The values that are there, each once, sorted. */
  in(where: string | Buffer): string[] {
    const found = new Set<string>();
    const bytes = typeof where === 'string' ? Buffer.from(where) : where;
    this.#base64.collect(bytes, found);
    this.#texts.collect(folded(bytes), found);
    return [...found].sort();
  }

  /** The same of bytes that come in pieces, however they are cut. Holds no more than a piece and the longest spelling. */
  async inPieces(pieces: AsyncIterable<Uint8Array>): Promise<{ readonly bytes: number; readonly values: string[] }> {
    const found = new Set<string>();
    const folder = new Folder();
    const [inText, inBytes] = [this.#texts.inPieces(found), this.#base64.inPieces(found)];
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      inBytes(piece);
      inText(folder.fold(piece));
    }
    inText(folder.rest());
    return { bytes, values: [...found].sort() };
  }
}
