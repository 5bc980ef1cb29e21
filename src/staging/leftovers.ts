import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OWNER_FILE } from './names.js';
import type { Leftover } from './port.js';
import { isGone, readIfThere } from './private-file.js';

/** The runs that have a folder in `runs`. One that goes meanwhile is passed over. */
export async function leftoversIn(runs: string): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const runKey of await readdir(runs)) {
    const folder = join(runs, runKey);
    try {
      const { mtimeMs: changedAt } = await stat(folder);
      const workflowId = (await readIfThere(join(folder, OWNER_FILE)))?.toString();
      found.push({ runKey, workflowId, changedAt, discard: () => rm(folder, { recursive: true, force: true }) });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return found;
}
