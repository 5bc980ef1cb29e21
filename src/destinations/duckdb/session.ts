import { crashPoint } from '../../crash/crash-point.js';
import { ExportError } from '../../model/export-error.js';
import type { Receipt } from '../../model/receipt.js';
import { forecastTables } from '../../model/tables.js';
import type { LandedTable, LoadAttempt, LoadSession, Snapshot, StagedTable } from '../port.js';
import { refuseClosed } from './closed-runs.js';
import type { Database } from './database.js';
import { asExportError } from './errors.js';
import { checkReceipt, keepComplete, landReceipt, refuseSecondCopy } from './land-receipt.js';
import { markPublished, markStaging } from './loads.js';
import { findPrevious } from './previous.js';
import { removeRows, stageTable } from './stage-table.js';

export interface SessionOptions {
  readonly load: LoadAttempt;
  readonly epoch: string;
  readonly file: string;
  readonly signal: AbortSignal;
  /** Opens the database for this load, held against all others. */
  readonly open: () => Promise<Database>;
}

/**
 * One attempt at one load. It holds the database from the first table to the end, not before: a later attempt may so overtake
 * one that has not begun, which its epoch then tells it.
 *
 * Whatever fails ends the session: a transaction in doubt is never built upon.
 */
export class DuckDbLoadSession implements LoadSession {
  readonly #options: SessionOptions;
  readonly #tables = new Map<string, { readonly staged: StagedTable; readonly landed: LandedTable }>();
  #database: Database | undefined;
  #ended = false;
  #running = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  stage(staged: StagedTable): Promise<LandedTable> {
    return this.#inTurn(`landing ${staged.table} in`, async (database) => {
      const landed = await stageTable(database, this.#options.load.exportId, staged);
      this.#tables.set(staged.table, { staged, landed });
      return landed;
    });
  }

  previous(receipt: Receipt): Promise<Snapshot | undefined> {
    return this.#inTurn('reading the last snapshot in', (database) => findPrevious(database, receipt));
  }

  async publish(receipt: Receipt): Promise<void> {
    const { load, epoch } = this.#options;
    await this.#inTurn(`publishing export ${load.exportId} in`, async (database) => {
      checkReceipt(load, receipt, this.#tables);
      await refuseSecondCopy(database, receipt);
      await keepComplete(database, receipt);
      for (const { name } of forecastTables) {
        if (!this.#tables.has(name)) await removeRows(database, name, load.exportId);
      }
      const measures = [...this.#tables.values()].flatMap(({ landed }) => Object.entries(landed.measures));
      await landReceipt(database, receipt, Object.fromEntries(measures));
      await markPublished(database, load, epoch, new Date());
      // The last look: whoever closes the run from here on finds it published.
      await refuseClosed(database.files, load);
      await database.commit();
      crashPoint('after-commit');
      this.#ended = true;
      await this.#letGo();
    });
  }

  async close(): Promise<void> {
    this.#ended = true;
    if (this.#running) this.#database?.interrupt();
    await this.#turn;
    await this.#letGo();
  }

  /** One step at a time, and none after a failed one. */
  #inTurn<T>(doing: string, step: (database: Database) => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      const { load, signal, file } = this.#options;
      const interrupt = (): void => this.#database?.interrupt();
      signal.addEventListener('abort', interrupt);
      this.#running = true;
      try {
        signal.throwIfAborted();
        if (this.#ended) throw new ExportError('Unexpected', `The session of load ${load.loadId} has ended.`);
        return await step(await this.#begin());
      } catch (error) {
        this.#running = false;
        this.#ended = true;
        await this.#letGo();
        signal.throwIfAborted();
        throw asExportError(error, doing, file);
      } finally {
        this.#running = false;
        signal.removeEventListener('abort', interrupt);
      }
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #begin(): Promise<Database> {
    if (this.#database !== undefined) return this.#database;
    const { load, epoch, open } = this.#options;
    this.#database = await open();
    await markStaging(this.#database, load, epoch);
    await this.#database.protectLog();
    await this.#database.query('BEGIN TRANSACTION');
    return this.#database;
  }

  async #letGo(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }
}
