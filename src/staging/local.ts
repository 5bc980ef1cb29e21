import { randomBytes } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ExportError } from '../model/export-error.js';
import { Budget } from './budget.js';
import { FolderNotes } from './folder-notes.js';
import { stagingIo } from './io-errors.js';
import { leftoversIn } from './leftovers.js';
import { LocalRunStaging } from './local-run.js';
import type { StagingArea } from './port.js';
import { makeOnce, readIfThere } from './private-file.js';

const PRIVATE = 0o700;

export interface LocalStagingOptions {
  /** What all runs together may have in it, in bytes. Default: as much as the disk has. */
  readonly maxBytes?: number;
}

/**
 * Staging in a folder of the worker’s own.
 *
 * @param root made if missing, readable by its owner alone; a file `id` in it names its queue, so that a restarted worker finds
 * its runs again and a second root never gets them
 * @throws ExportError `StagingUnavailable`
 */
export async function openLocalStaging(root: string, { maxBytes }: LocalStagingOptions = {}): Promise<StagingArea> {
  return stagingIo('opening the staging folder', async () => {
    const made = join(root, 'runs');
    await mkdir(made, { recursive: true, mode: PRIVATE });
    const base = await realpath(root);
    const runs = join(base, 'runs');
    const id = (await readId(base)) ?? (await makeId(base));
    const budget = maxBytes === undefined ? undefined : new Budget(new FolderNotes(runs), maxBytes);
    return {
      id,
      run: (owner) => new LocalRunStaging(runs, owner, budget),
      leftovers: () => stagingIo('looking for leftovers', () => leftoversIn(runs)),
    };
  });
}

/** Read before anything is written: a worker must come up on a full disk too, to discard what fills it. */
async function readId(root: string): Promise<string | undefined> {
  const id = (await readIfThere(join(root, 'id')))?.toString().trim();
  if (id !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new ExportError('StagingUnavailable', 'The staging folder’s file "id" holds no id.');
  return id;
}

async function makeId(root: string): Promise<string> {
  await makeOnce(join(root, 'id'), randomBytes(6).toString('hex'));
  return (await readId(root)) ?? '';
}
