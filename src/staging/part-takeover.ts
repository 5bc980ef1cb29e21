import { randomBytes } from 'node:crypto';
import { constants, copyFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath } from '../duckdb/sync-path.js';
import { partEpoch, partName, refuseLate } from './epochs.js';
import { isGone, readIfThere } from './private-file.js';
import { replaceSynced } from './sync.js';

/** Beside a file under way: which version of the source its bytes belong to. */
export const versionOf = (part: string): string => `${part}.version`;

/** Undefined where nobody said. */
export const readVersion = async (part: string): Promise<string | undefined> =>
  (await readIfThere(versionOf(part)))?.toString();

/**
 * Makes the newest file under way this attempt's own: a copy, since an earlier attempt may still have the original open.
 * @returns its path; nothing is there yet where nothing can be gone on from
 * @throws ExportError `StagingLost` where a later attempt has one
 */
export async function beginPart(folder: string, name: string, epoch: number): Promise<string> {
  const found = new Map<string, number>();
  for (const file of await readdir(folder)) {
    const of = partEpoch(file, name);
    if (of !== undefined) found.set(file, of);
  }
  const epochs = [...found].filter(([file, of]) => file === partName(name, of)).map(([, of]) => of);
  const newest = epochs.length === 0 ? undefined : Math.max(...epochs);
  refuseLate(epoch, newest);
  const own = join(folder, partName(name, epoch));
  if (newest !== undefined && newest < epoch) await copyPart(join(folder, partName(name, newest)), own);
  for (const [file, of] of found) if (of < epoch) await rm(join(folder, file), { force: true });
  await syncPath(folder);
  return own;
}

/** Nothing is copied of what can't be continued, or has just been finished or begun anew by whoever has it open. */
async function copyPart(from: string, to: string): Promise<void> {
  const version = await readVersion(from);
  if (version === undefined) return;
  const draft = `${to}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await copyFile(from, draft, constants.COPYFILE_FICLONE);
    if ((await readVersion(from)) !== version) return;
    await replaceSynced(versionOf(to), version);
    await rename(draft, to);
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
