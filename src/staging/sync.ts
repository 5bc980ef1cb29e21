import { open } from 'node:fs/promises';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Makes a rename in `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Feeds a file's bytes to a SHA-256. */
export async function hashFile(
  path: string,
  hash: Hash = createHash('sha256'),
): Promise<{ hash: Hash; bytes: number }> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { hash, bytes };
}
