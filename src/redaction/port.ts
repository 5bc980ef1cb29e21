import type { Readable } from 'node:stream';
import type { KeyMark, PolicyMark } from '../model/receipt.js';
import type { JoinedParts, RedactionFindings } from '../model/steps.js';
import type { ForecastTableName, RedactedTableName } from '../model/tables.js';

export interface RedactionInput {
  /**
   * Opens Clari's file as sent (already unzipped), read once from start to end; of a split export each part's, oldest first, one
   * after the other. What was opened is closed.
   */
  readonly files: readonly (() => Promise<Readable>)[];
  /** A private folder of this attempt for pieces without a name; nothing of it remains. */
  readonly scratch: string;
  /** Runs `write` with the path at which to make the named file. Called once for each table. */
  readonly produce: (name: string, write: (path: string) => Promise<void>) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called now and then, for heartbeats. */
  readonly onProgress: (progress: { readonly bytesRead: number; readonly phase: RedactionPhase }) => void;
}

export type RedactionPhase = 'splitting' | 'redacting' | 'checking';

export interface RedactedTable<Name extends RedactedTableName = ForecastTableName> {
  readonly table: Name;
  /** Name given to `produce`. */
  readonly name: string;
  readonly read: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly rows: number;
  /** Content checksum of the Parquet file as read back, decimal text. */
  readonly checksum: string;
  /** DuckDB's own hash of the same rows (duckdb/fingerprint-sql.ts), decimal text. */
  readonly fingerprint: string;
  /** Where there are several files. */
  readonly split?: JoinedParts;
}

export interface RedactionResult extends RedactionFindings {
  readonly shape: 'five-lists' | 'flat';
  readonly tables: readonly RedactedTable[];
}

export interface Redactor {
  readonly policyMark: PolicyMark;
  /** What a receipt says of the key; null under a policy without one. Reads the key. @throws ExportError `RedactionKeyUnusable` */
  keyMark(): Promise<KeyMark | null>;
  /**
   * Splits a forecast export into its tables, applies the policy, proves that nothing leaked, and writes one Parquet file a table,
   * into which the files of several parts are joined (join-parts.ts). One at a time in a process: memory is bounded for one.
   * @throws ExportError `FileMalformed`, `ValueRejected`, `LeakFound`, `CountsDisagree`, `RedactionKeyUnusable`, `StagingUnavailable`;
   * the signal's reason once it is aborted; what `files` or `produce` throw
   */
  redact(input: RedactionInput): Promise<RedactionResult>;
}
