/**
 * Folding takes away what does not count in the search: letters' case, and whether an accent is a character of its own.
 * By capitals, which unlike small letters do not depend on what stands around them.
 */
export const foldedText = (text: string): string => text.toUpperCase().normalize('NFD');

/** UTF-8, folded. What is no UTF-8 becomes something else, and is no part of a value anyway. */
export function folded(bytes: Buffer): Buffer {
  const ascii = Buffer.from(bytes);
  const parts: Buffer[] = [];
  let done = 0;
  for (let at = 0; at < ascii.length; at += 1) {
    const byte = ascii[at] as number;
    if (byte >= 0x61 && byte <= 0x7a) ascii[at] = byte - 0x20;
    if (byte < 0x80) continue;
    // Letters beyond ASCII are few in what machines write, and by strings some twenty times as slow.
    const start = at;
    while (at < ascii.length && (ascii[at] as number) >= 0x80) at += 1;
    parts.push(ascii.subarray(done, start), Buffer.from(foldedText(ascii.toString('utf8', start, at))));
    done = at;
    at -= 1;
  }
  return done === 0 ? ascii : Buffer.concat([...parts, ascii.subarray(done)]);
}

/** A run of bytes beyond ASCII is kept back up to here; a longer one is no text, or one without a blank. */
const MOST_KEPT_BACK = 4096;

/** Folds UTF-8 that comes in pieces, however they are cut. */
export class Folder {
  #keptBack: Buffer = Buffer.alloc(0);

  /** What can be folded by now: not a letter that is cut, nor one that an accent may follow. */
  fold(piece: Uint8Array): Buffer {
    const bytes = Buffer.concat([this.#keptBack, piece]);
    const end = wholeUntil(bytes);
    // A copy: a part would keep the whole.
    this.#keptBack = Buffer.from(bytes.subarray(end));
    return folded(bytes.subarray(0, end));
  }

  rest(): Buffer {
    return folded(this.#keptBack);
  }
}

function wholeUntil(bytes: Buffer): number {
  const least = Math.max(0, bytes.length - MOST_KEPT_BACK);
  let end = bytes.length;
  while (end > least && (bytes[end - 1] as number) >= 0x80) end -= 1;
  if (end > least || end === 0) return end;
  end = bytes.length;
  while (end > least && ((bytes[end - 1] as number) & 0xc0) === 0x80) end -= 1;
  return end - 1;
}
