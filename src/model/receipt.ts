import type { ExportForecastRequest, ExportType } from './request.js';

/** Rows of one table on their way; `staged` and `landed` agree, or the run fails. */
export interface TableCount {
  readonly table: string;
  /** Records in Clari's file. */
  readonly read: number;
  /** Records that could not be landed. More than none stops the run unless the request allows it. */
  readonly rejected: number;
  /** Records whose natural key stands in the file more than once; all are landed. */
  readonly duplicates: number;
  /** Of a split export: records that stand in one row with another part's, or say the same again. Read less these are staged. */
  readonly joined?: number;
  readonly staged: number;
  readonly landed: number;
  /** Content checksum (checksum.ts), decimal text. */
  readonly checksum: string;
}

/** A field that was in the file and is not landed, by its name; never by its value. */
export interface DroppedField {
  readonly table: string;
  readonly field: string;
  readonly records: number;
}

export interface PolicyMark {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the policy's content, first 16 hex digits. */
  readonly digest: string;
  /** True where a treatment can be reversed by guessing (the brief policy). */
  readonly reversible: boolean;
}

export interface KeyMark {
  readonly name: string;
  readonly version: string;
  /** Tells two keys apart; says nothing about the key. */
  readonly check: string;
}

/** A figure of an export that differs from the last snapshot's by more than the connection allows. Of amounts, percents alone. */
export interface Finding {
  /** Table whose rows were counted, or amount column of `forecast_entries`. */
  readonly of: string;
  /** Rows of the last snapshot; null for an amount. */
  readonly before: number | null;
  /** Rows of this export; null for an amount. */
  readonly now: number | null;
  /** Of what the last snapshot had; a rise, beyond the growth that more weeks explain. */
  readonly changePercent: number;
}

/** How an export differs from the last snapshot. */
export interface Change {
  /** Export id of the last snapshot. */
  readonly comparedWith: string;
  readonly findings: readonly Finding[];
}

/** A change that was landed all the same. */
export interface AcceptedChange extends Change {
  /** Who accepted it, as they say; null where nobody said, or the request did it. */
  readonly by: string | null;
}

/** One type of an export that was split, since Clari had truncated it. */
export interface ReceiptPart {
  readonly type: ExportType;
  readonly jobId: string;
  /** Start of its job, ISO. */
  readonly capturedAt: string;
  /** False where Clari truncated it too. */
  readonly complete: boolean;
  /** Entries in its file. */
  readonly rows: number;
  readonly sha256: string;
}

/** The proof at the end of a run: its result, and a row of `exports`. Small: references and counts. */
export interface Receipt {
  readonly receiptVersion: 1;
  readonly exportId: string;
  readonly loadId: string;
  /** Of a split export: the job whose result Clari truncated, and of which nothing landed. */
  readonly jobId: string;
  readonly connection: string;
  readonly account: string;
  readonly environment: string;
  readonly request: ExportForecastRequest;
  /** Fiscal quarter of the rows: the one that was asked for, else the one that the file names; null where it names none, or several. */
  readonly timePeriod: string | null;
  /** Types that were asked for, sorted. */
  readonly types: readonly ExportType[];
  /** ISO instants, UTC. */
  readonly asOf: string;
  readonly scheduledAt: string | null;
  /** Start of the job; of a split export the oldest part's. */
  readonly capturedAt: string;
  readonly landedAt: string;
  readonly destination: string;
  readonly configDigest: string;
  readonly policy: PolicyMark;
  readonly key: KeyMark | null;
  /** Clari's file. Of a split export: all bytes, and the hash of the parts' hashes (lower-case hex, a line feed between them). */
  readonly raw: { readonly bytes: number; readonly sha256: string };
  /** Present in a split export alone, oldest first. */
  readonly parts?: readonly ReceiptPart[];
  readonly tables: readonly TableCount[];
  readonly droppedFields: readonly DroppedField[];
  /** What Clari gives no means to prove (scope, say), in plain words. */
  readonly unproven: readonly string[];
  readonly complete: boolean;
  /** Null where there was no such change, or nothing to compare with. */
  readonly accepted: AcceptedChange | null;
  readonly warnings: readonly string[];
}
