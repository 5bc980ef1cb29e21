import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes a rename in `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's bytes in large pieces. It is opened when the first is asked for: an error that nobody waits for ends the process. */
export async function* chunksOf(path: string): AsyncGenerator<Buffer, void> {
  yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
}
