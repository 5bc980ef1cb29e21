import type { LandedAs } from '../model/account.js';
import type { ForecastTableName } from '../model/tables.js';
import type { Receipt } from '../model/receipt.js';

/** A redacted table in staging: one Parquet file with the model's columns in the model's order. */
export interface StagedTable {
  readonly table: ForecastTableName;
  readonly path: string;
  readonly rows: number;
  /** Content checksum, decimal text. */
  readonly checksum: string;
  /**
   * DuckDB's own hash of the rows of which the checksum was computed (duckdb/fingerprint-sql.ts), decimal text: another one proves nothing, the
   * same one that these are the rows. Default: the checksum is computed once more.
   */
  readonly fingerprint?: string;
}

export interface LandedTable {
  readonly table: ForecastTableName;
  readonly rows: number;
  /** Of what the destination holds. */
  readonly checksum: string;
  readonly measures: Measures;
}

/** The amounts of one column. */
export interface Measure {
  /** How many there are. */
  readonly values: number;
  /** Their sum without their signs, decimal text; null where one is too large to be summed exactly. */
  readonly total: string | null;
}

/** By column; of all amount columns of a table. Commercial: they stay in the destination. */
export type Measures = Readonly<Record<string, Measure>>;

/** What a snapshot is compared by. */
export interface Snapshot {
  readonly receipt: Receipt;
  /** Null where a version landed it that kept none. */
  readonly measures: Measures | null;
}

/** What identifies one load. `loadId` is the same for every attempt at landing this export here. */
export interface LoadIdentity {
  readonly exportId: string;
  readonly loadId: string;
}

/** One attempt at a load. */
export interface LoadAttempt extends LoadIdentity {
  /** Temporal's id of the run that it is made for. */
  readonly runId: string;
}

/** What a destination is asked about exports that may have landed here. */
export interface LandedQuery {
  readonly account: string;
  readonly exportIds: readonly string[];
  readonly jobIds: readonly string[];
}

/** An export that has landed. */
export interface LandedExport extends LandedAs {
  readonly jobId: string;
  /** Jobs of its parts, where it was split; none otherwise. */
  readonly partJobIds: readonly string[];
}

/** Where redacted tables land: all of an export with its receipt, at once or not at all. */
export interface Destination {
  /** For messages and receipts: kind and name, no credentials. `duckdb:warehouse.duckdb` */
  readonly label: string;
  /** Proves that the destination can be written. @throws ExportError `DestinationUnavailable`, `DestinationIncompatible` */
  check(): Promise<void>;
  /** Receipt under which this load was published, or undefined. A re-run that finds one has nothing left to do. */
  published(load: LoadIdentity): Promise<Receipt | undefined>;
  /** The truth about what has landed, for when Temporal's database or the ledger in it is lost. */
  landed(query: LandedQuery): Promise<readonly LandedExport[]>;
  /**
   * Raises the epoch of the load, so that an attempt believed dead can no longer publish, and gives a session for this attempt.
   * @throws ExportError `DestinationBusy` while somebody else holds the destination; so may everything that the session does;
   * `LoadSuperseded` when the run is closed
   */
  prepare(load: LoadAttempt, signal: AbortSignal): Promise<LoadSession>;
  /**
   * From now on nothing is published for this run, by whatever attempt of it wakes up. What it has published stays, and other runs
   * may land the same export. Waits for nobody who holds the destination, and makes none where none is; repeating it is harmless.
   * @throws ExportError `DestinationUnavailable` when that can not be kept
   */
  closeRun(runId: string): Promise<void>;
}

export interface LoadSession {
  /** Brings one table in, out of readers' sight. */
  stage(table: StagedTable): Promise<LandedTable>;
  /**
   * The newest complete snapshot of the same thing (as the view `latest_exports` has it) that was captured before this one, of any
   * time period where this one names none. Undefined where there is none, or where the export has landed here before.
   */
  previous(receipt: Receipt): Promise<Snapshot | undefined>;
  /**
   * Makes everything staged visible together with the receipt, replacing an earlier copy of the same export.
   * @throws ExportError `LoadSuperseded` when a later attempt has raised the epoch, the run is closed, or the job has landed as
   * another export
   */
  publish(receipt: Receipt): Promise<void>;
  /** Releases the session; what was not published is gone. Repeating it is harmless. */
  close(): Promise<void>;
}
