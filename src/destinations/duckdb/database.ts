import { chmod, mkdir, rm } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { closedOptions } from '../../duckdb/options.js';
import { createEmpty, holdDatabase, openWhenFree, type HoldOptions } from './hold.js';
import { exists, isMissing, type DatabaseFiles } from './files.js';

/** Files of this version open in DuckDB 1.3 and later; they are written a quarter quicker than those of 1.2. */
export const STORAGE_VERSION = 'v1.3.0';

export interface OpenOptions extends HoldOptions {
  readonly memoryLimitMb: number;
  readonly threads: number;
}

export type Cell = string | null;

/** One open database with one connection, held against every other loader until it is closed. */
export interface Database {
  readonly files: DatabaseFiles;
  /** Runs one statement. Values go as text, are cast in the SQL, and come back as text. */
  query(sql: string, values?: readonly Cell[]): Promise<Cell[][]>;
  interrupt(): void;
  /** Keeps the write-ahead log, which DuckDB makes at the first commit, from other users' eyes. */
  protectLog(): Promise<void>;
  /** Runs `COMMIT`. */
  commit(): Promise<void>;
  /** Rolls back what was not committed and lets go. Never throws. */
  close(): Promise<void>;
}

/** Opens for writing; makes the file if missing. @throws ExportError; the signal's reason when aborted */
export async function openDatabase(files: DatabaseFiles, options: OpenOptions): Promise<Database> {
  const release = await holdDatabase(files, options);
  try {
    if (!(await exists(files.database))) {
      await createEmpty(files.database, files.unborn, { storage_compatibility_version: STORAGE_VERSION });
    }
    // What an attempt that was killed left there.
    await rm(files.spill, { recursive: true, force: true });
    await mkdir(files.spill, { mode: 0o700 });
    // Rows kept in order make row groups that are not full, which the checkpoint then writes once more: twice the time and the file.
    const settings = closedOptions({ ...options, tempDirectory: files.spill, preserveInsertionOrder: false });
    return await connect(files, await openWhenFree(files.database, settings, options), async () => {
      await rm(files.spill, { recursive: true, force: true }).catch(() => undefined);
      release();
    });
  } catch (error) {
    await rm(files.spill, { recursive: true, force: true }).catch(() => undefined);
    release();
    throw error;
  }
}

/** Opens for reading, beside other readers. @throws as `openDatabase` */
export async function openForReading(files: DatabaseFiles, options: OpenOptions): Promise<Database> {
  const release = await holdDatabase(files, options);
  try {
    const settings = { ...closedOptions(options), access_mode: 'READ_ONLY' };
    return await connect(files, await openWhenFree(files.database, settings, options), () => {
      release();
      return Promise.resolve();
    });
  } catch (error) {
    release();
    throw error;
  }
}

async function connect(
  files: DatabaseFiles,
  instance: DuckDBInstance,
  afterwards: () => Promise<void>,
): Promise<Database> {
  let connection: DuckDBConnection;
  try {
    connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    // Closing must not do it: after a COMMIT that failed on a full disk, a checkpoint writes tables whose rows vanish at the
    // next UPDATE. Without it the log is there, whole, for the next opening.
    await connection.run('PRAGMA disable_checkpoint_on_shutdown');
  } catch (error) {
    instance.closeSync();
    throw error;
  }
  let closed = false;
  let sound = false;
  return {
    files,
    async query(sql, values = []) {
      const rows = (await connection.runAndReadAll(sql, [...values])).getRowsJson();
      return rows.map((row) =>
        row.map((cell) => (cell === null || typeof cell === 'string' ? cell : JSON.stringify(cell))),
      );
    },
    interrupt() {
      if (!closed) connection.interrupt();
    },
    async protectLog() {
      await chmod(files.log, 0o600).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    },
    async commit() {
      await connection.run('COMMIT');
      sound = true;
    },
    async close() {
      if (closed) return;
      closed = true;
      // What was committed is safe in the log if the checkpoint fails.
      await connection.run(sound ? 'CHECKPOINT' : 'ROLLBACK').catch(() => undefined);
      connection.closeSync();
      instance.closeSync();
      await afterwards();
    },
  };
}
