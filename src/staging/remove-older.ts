import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { storedEpoch } from './epochs.js';

/** Removes what earlier attempts have finished of a file. */
export async function removeOlder(folder: string, name: string, epoch: number): Promise<void> {
  for (const file of await readdir(folder)) {
    const of = storedEpoch(file, name);
    if (of !== undefined && of < epoch) await rm(join(folder, file), { force: true });
  }
}
