import { basename, resolve } from 'node:path';
import { ExportError } from '../../model/export-error.js';
import type { Receipt } from '../../model/receipt.js';
import type { Destination, LandedExport, LandedQuery, LoadAttempt, LoadIdentity, LoadSession } from '../port.js';
import { noteClosed, refuseClosed } from './closed-runs.js';
import { openDatabase, openForReading, type Database } from './database.js';
import { asExportError } from './errors.js';
import { exists, findFiles, makeFolder } from './files.js';
import { findLanded, findReceipt } from './landed.js';
import { raiseEpoch } from './loads.js';
import { ensureSchema } from './schema.js';
import { DuckDbLoadSession } from './session.js';

export interface DuckDbDestinationOptions {
  /** The database file. Its folder is made if missing. */
  readonly path: string;
  /** DuckDB's buffer pool during a load, in megabytes (10^6); what does not fit spills beside the database. Default 320, at least 128. */
  readonly memoryLimitMb?: number;
  /** Threads of a load. Default 2, at least 1. */
  readonly threads?: number;
  /** How long to wait for another process that has the database open, in milliseconds, before saying `DestinationBusy`. Default 2000. */
  readonly waitMs?: number;
}

/**
 * A DuckDB database file as a destination. It is open during a load alone; between loads any program may read it.
 *
 * @throws ExportError `ConfigurationInvalid` for options out of bounds
 */
export function createDuckDbDestination(options: DuckDbDestinationOptions): Destination {
  return new DuckDbDestination(options);
}

class DuckDbDestination implements Destination {
  readonly label: string;
  readonly #path: string;
  readonly #limits: { readonly memoryLimitMb: number; readonly threads: number; readonly waitMs: number };

  constructor({ path, memoryLimitMb = 320, threads = 2, waitMs = 2_000 }: DuckDbDestinationOptions) {
    // DuckDB takes these for databases in memory, which would be gone with the load.
    if (path === '' || path.startsWith(':memory:') || path.includes('\0')) {
      throw new ExportError('ConfigurationInvalid', 'The DuckDB destination needs the path of a file.');
    }
    atLeast('memoryLimitMb', memoryLimitMb, 128);
    atLeast('threads', threads, 1);
    atLeast('waitMs', waitMs, 0);
    this.#path = resolve(path);
    this.#limits = { memoryLimitMb, threads, waitMs };
    this.label = `duckdb:${basename(path)}`;
  }

  async check(): Promise<void> {
    await this.#inDatabase('checking', undefined, ensureSchema);
  }

  async published(load: LoadIdentity): Promise<Receipt | undefined> {
    return this.#read((database) => findReceipt(database, load));
  }

  async landed(query: LandedQuery): Promise<readonly LandedExport[]> {
    return (await this.#read((database) => findLanded(database, query))) ?? [];
  }

  /** Undefined where there is no database yet. */
  async #read<T>(step: (database: Database) => Promise<T>): Promise<T | undefined> {
    try {
      const files = await findFiles(this.#path);
      if (files === undefined || !(await exists(files.database))) return undefined;
      const database = await openForReading(files, this.#limits);
      try {
        return await step(database);
      } finally {
        await database.close();
      }
    } catch (error) {
      throw asExportError(error, 'reading', this.#path);
    }
  }

  async closeRun(runId: string): Promise<void> {
    try {
      const files = await findFiles(this.#path);
      if (files) await noteClosed(files, runId);
    } catch (error) {
      throw asExportError(error, 'closing a run for', this.#path);
    }
  }

  async prepare(load: LoadAttempt, signal: AbortSignal): Promise<LoadSession> {
    const epoch = await this.#inDatabase('preparing', signal, async (database) => {
      // It would raise the epoch above that of a run that goes on.
      await refuseClosed(database.files, load);
      await ensureSchema(database);
      return raiseEpoch(database, load);
    });
    return new DuckDbLoadSession({ load, epoch, signal, file: this.#path, open: () => this.#open(signal) });
  }

  async #open(signal: AbortSignal | undefined): Promise<Database> {
    return openDatabase(await makeFolder(this.#path), { ...this.#limits, signal });
  }

  /** Runs `step` in one transaction of its own. */
  async #inDatabase<T>(
    doing: string,
    signal: AbortSignal | undefined,
    step: (database: Database) => Promise<T>,
  ): Promise<T> {
    try {
      const database = await this.#open(signal);
      try {
        await database.query('BEGIN TRANSACTION');
        const result = await step(database);
        await database.commit();
        return result;
      } finally {
        await database.close();
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw asExportError(error, doing, this.#path);
    }
  }
}

function atLeast(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ExportError(
    'ConfigurationInvalid',
    `${name} of the DuckDB destination has to be a whole number of at least ${least}.`,
  );
}
