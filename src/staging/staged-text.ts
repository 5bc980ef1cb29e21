import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ExportError } from '../model/export-error.js';
import type { Reference } from '../model/reference.js';
import { stagingError } from './io-errors.js';
import { BrokenSeal, unsealed, type Seal } from './sealing.js';

/** Text of every frame but a file's last. */
export const FRAME_BYTES = 256 * 1024;

/** The text of a sealed file; errors at its end when it is not that of the reference. @throws ExportError `StagingLost` */
export async function* checkedText(
  bytes: AsyncIterable<Buffer>,
  seal: Seal,
  reference: Reference,
): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  let length = 0;
  try {
    for await (const { text } of unsealed(seal, bytes)) {
      hash.update(text);
      length += text.length;
      if (text.length > 0) yield text;
    }
  } catch (error) {
    throw error instanceof BrokenSeal ? changed() : stagingError('reading a file', error);
  }
  if (length !== reference.bytes || hash.digest('hex') !== reference.sha256) throw changed();
}

/** The same as a stream of bytes. */
export function textStream(bytes: AsyncIterable<Buffer>, seal: Seal, reference: Reference): Readable {
  return Readable.from(checkedText(bytes, seal, reference), { objectMode: false, highWaterMark: 1 << 20 });
}

export function changed(): ExportError {
  return new ExportError('StagingLost', 'A staged file has changed since it was written.');
}
