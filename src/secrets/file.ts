import { open } from 'node:fs/promises';
import { ExportError } from '../model/export-error.js';
import { errorCode } from './error-code.js';
import { LONGEST_BYTES } from './limits.js';
import { NamedSecret } from './named-secret.js';
import type { Secret } from './port.js';

/** A file, read anew at each use: a mounted secret that is replaced takes effect at once. */
export function fileSecret(path: string): Secret {
  const reference = `file:${path}`;
  return new NamedSecret(reference, async () => {
    const bytes = await readBounded(path).catch((error: unknown) => {
      throw new ExportError('SecretUnavailable', `The secret ${reference} can not be read (${errorCode(error)}).`);
    });
    if (bytes.length > LONGEST_BYTES)
      throw new ExportError('SecretUnavailable', `The secret ${reference} is longer than 64 KiB.`);
    return bytes.toString('utf8');
  });
}

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    // One read of a named pipe or a procfs file may be short: goes on until the end or the bound.
    const buffer = Buffer.alloc(LONGEST_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}
