import { TemporalToolError } from './errors.js';

const BLOCK = 512;

/**
 * The bytes of one file of a tar archive, by its name without folders; what comes after it is not read. What it yields is not
 * verified: hash it.
 */
export async function* readFromTar(archive: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let left = 0;
  let wanted = false;
  for await (const chunk of archive) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (left > 0) {
        const part = held.subarray(0, left);
        held = held.subarray(part.length);
        left -= part.length;
        if (wanted && part.length > 0) yield part;
        if (left > 0) break;
        if (wanted) return;
      }
      if (held.length < BLOCK) break;
      const header = held.subarray(0, BLOCK);
      held = held.subarray(BLOCK);
      const size = parseInt(header.toString('latin1', 124, 136), 8) || 0;
      wanted = textAt(header, 0, 100).split('/').at(-1) === name;
      // A file is followed by zeros up to the next block; of the wanted one they are never reached.
      left = wanted ? size : Math.ceil(size / BLOCK) * BLOCK;
    }
  }
  throw new TemporalToolError(`The downloaded archive holds no whole file ${name}.`);
}

function textAt(header: Buffer, start: number, end: number): string {
  return header.toString('latin1', start, end).replace(/\0.*$/, '');
}
