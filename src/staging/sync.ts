import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Puts a short text into a file, for its owner alone: after a crash it has the old one or the new one. That it is the new one
 * after a power cut takes a sync of the folder too.
 */
export async function replaceSynced(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(draft, text);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Makes a file, for its owner alone. */
export async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's bytes in large pieces. It is opened when the first is asked for: an error that nobody waits for ends the process. */
export async function* chunksOf(path: string): AsyncGenerator<Buffer, void> {
  yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
}
