import { randomBytes } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from '../duckdb/sync-path.js';
import { writeSynced } from './sync.js';

/** What stands in a file; undefined where there is none, or not even a folder for it. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
}

/**
 * Makes a file, for its owner alone, whole or not at all, after a power cut too, unless there is one: of two that are at it at once,
 * one makes it.
 */
export async function makeOnce(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeSynced(draft, content);
    // A link fails where the file exists.
    await link(draft, path);
    await syncPath(dirname(path));
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** A file in the place of a folder has nothing in it either. */
export const isGone = (error: unknown): boolean => isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR');

export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
