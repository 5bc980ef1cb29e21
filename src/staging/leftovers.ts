import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OWNER_FILE } from './names.js';
import { readOwnerNote } from './owner-note.js';
import type { Leftover } from './port.js';
import { isGone, readIfThere } from './private-file.js';
import { discardFolder } from './run-folder.js';

/** The runs that have a folder in `runs`. One that goes meanwhile is passed over. */
export async function leftoversIn(runs: string): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const runKey of await readdir(runs)) {
    const folder = join(runs, runKey);
    try {
      const { mtimeMs: changedAt } = await stat(folder);
      // One that may not be read says as much as none: the others must be found all the same.
      const owner = readOwnerNote(await readIfThere(join(folder, OWNER_FILE)).catch(() => undefined));
      const names = await readdir(folder).catch(() => undefined);
      const nothingStaged = names?.every(isDraftOfOwner) ? { nothingStaged: true as const } : {};
      found.push({ runKey, ...owner, ...nothingStaged, changedAt, discard: () => discardFolder(folder) });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return found;
}

const isDraftOfOwner = (name: string): boolean => name.startsWith(`${OWNER_FILE}.`);
