import { open } from 'node:fs/promises';

/** Makes the bytes of a file survive a power cut, or of a folder the names in it: new, renamed and removed ones. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
