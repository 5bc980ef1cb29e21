import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';

/** Files without a name can be read where a process's open files have paths. */
const canBeNameless = process.platform === 'linux';

/** Plain bytes that DuckDB, in this process, reads or writes by path, and nobody else does. */
export interface NamelessFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Forgets it. */
  close(): Promise<void>;
}

/**
 * Makes an empty file, readable by this user alone. On Linux it loses its name at once and is found through the open descriptor, so
 * that plain text dies with the process; elsewhere it is removed by `close`. DuckDB's COPY needs USE_TMP_FILE false for it.
 * @param name a path in a private folder at which nothing is
 */
export async function createNameless(name: string, nameless: boolean = canBeNameless): Promise<NamelessFile> {
  const handle = await open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    if (nameless) await unlink(name);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    path: nameless ? `/proc/self/fd/${handle.fd}` : name,
    handle,
    async close() {
      await handle.close();
      if (!nameless) await unlink(name);
    },
  };
}
