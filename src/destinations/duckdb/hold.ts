import { randomUUID } from 'node:crypto';
import { chmod, link, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { closedOptions } from '../../duckdb/options.js';
import { syncPath } from '../../duckdb/sync-path.js';
import { ExportError } from '../../model/export-error.js';
import { asExportError } from './errors.js';
import { exists, type DatabaseFiles } from './files.js';
import { acquireMutex, type Release } from './mutex.js';

/** How often a file that another process holds is tried again. */
const TRY_AGAIN_MS = 100;

export interface HoldOptions {
  /** How long another process is waited for, in milliseconds. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes this caller the only loader of the database: in the process by a mutex, between processes by a lock of the operating
 * system on a file beside it. That lock dies with its process and survives its pausing. Node has no such lock, DuckDB does:
 * the file is an empty database.
 *
 * @throws ExportError `DestinationBusy` when another process still holds it after `waitMs`; the signal's reason when aborted
 */
export async function holdDatabase(files: DatabaseFiles, options: HoldOptions): Promise<Release> {
  const releaseMutex = await acquireMutex(files.database, options.signal);
  try {
    if (!(await exists(files.lock))) await createEmpty(files.lock, `${files.lock}.${randomUUID()}`, {});
    const held = await openWhenFree(files.lock, { memory_limit: '16MB' }, options);
    return () => {
      held.closeSync();
      releaseMutex();
    };
  } catch (error) {
    releaseMutex();
    throw error;
  }
}

/** Opens a DuckDB file as soon as no other process holds it. @throws as `holdDatabase` */
export async function openWhenFree(
  file: string,
  settings: Record<string, string>,
  { waitMs, signal }: HoldOptions,
): Promise<DuckDBInstance> {
  const until = performance.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await DuckDBInstance.create(file, { ...closedOptions({ memoryLimitMb: 64, threads: 1 }), ...settings });
    } catch (error) {
      const failure = asExportError(error, 'opening', file);
      if (failure.type !== 'DestinationBusy' || performance.now() >= until) throw failure;
    }
    await delay(TRY_AGAIN_MS, undefined, { ref: true });
  }
}

/**
 * Makes an empty DuckDB file at `file`, readable by its owner alone, or leaves the one that is there. It appears whole: a
 * process that dies while DuckDB writes the first blocks would leave a file that DuckDB refuses for ever.
 */
export async function createEmpty(file: string, unborn: string, settings: Record<string, string>): Promise<void> {
  try {
    await rm(unborn, { force: true });
    const instance = await DuckDBInstance.create(unborn, {
      ...closedOptions({ memoryLimitMb: 64, threads: 1 }),
      ...settings,
    });
    instance.closeSync();
    await chmod(unborn, 0o600);
    await syncPath(unborn);
    // Unlike rename, link never replaces a file that somebody else has put there and locked in the meantime.
    await link(unborn, file).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
    // DuckDB syncs what it commits to the file, and not the name of it: a power cut would take all that has landed since.
    await syncPath(dirname(file));
  } catch (error) {
    throw error instanceof ExportError ? error : asExportError(error, 'creating', file);
  } finally {
    await rm(unborn, { force: true }).catch(() => undefined);
  }
}
