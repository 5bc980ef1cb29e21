import { lstat, mkdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** The files of one database. All but `database` belong to this package alone. */
export interface DatabaseFiles {
  /** Real path: every spelling and symbolic link leads to this one. */
  readonly database: string;
  /** Held open by whoever loads. Nobody reads it: closing any descriptor of a file drops the process's locks on it. */
  readonly lock: string;
  /** A database in the making, not yet in place. */
  readonly unborn: string;
  /** DuckDB's write-ahead log. */
  readonly log: string;
  /** What a load does not hold in memory; exists during the load alone. */
  readonly spill: string;
  /** Folder of notes, one for each run that may publish no more. */
  readonly closed: string;
}

/** The real files behind `path`, or undefined when its folder does not exist. */
export async function findFiles(path: string): Promise<DatabaseFiles | undefined> {
  try {
    return filesOf(await realFile(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The real files behind `path`; its folder is made (for the owner alone) if missing. */
export async function makeFolder(path: string): Promise<DatabaseFiles> {
  const found = await findFiles(path);
  if (found !== undefined) return found;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return filesOf(await realFile(path));
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Whether there is a file, without opening it. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Like realpath, and also for a file that does not exist yet in a folder that does. */
async function realFile(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const folder = await realpath(dirname(path));
  const here = join(folder, basename(path));
  // A link to a file that is still to be made: DuckDB would follow it, so the lock has to.
  if ((await exists(here)) && (await lstat(here)).isSymbolicLink())
    return realFile(resolve(folder, await readlink(here)));
  return here;
}

function filesOf(database: string): DatabaseFiles {
  return {
    database,
    lock: `${database}.lock`,
    unborn: `${database}.new`,
    log: `${database}.wal`,
    spill: `${database}.spill`,
    closed: `${database}.closed`,
  };
}
