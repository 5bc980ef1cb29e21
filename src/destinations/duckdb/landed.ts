import { ExportError } from '../../model/export-error.js';
import type { Receipt } from '../../model/receipt.js';
import type { LandedExport, LandedQuery, LoadIdentity } from '../port.js';
import type { Database } from './database.js';

async function hasExports(database: Database): Promise<boolean> {
  const tables = await database.query(
    `SELECT 1 FROM duckdb_tables()
     WHERE database_name = current_database() AND schema_name = 'main' AND table_name = 'exports'`,
  );
  return tables.length > 0;
}

/** Ids of the jobs of a split export, as a list. */
export const PART_JOBS = `json_extract_string(receipt, '$.parts[*].jobId')`;

/** Those of the exports and jobs that have landed; a job also as a part of a split export. */
export async function findLanded(
  database: Database,
  { account, exportIds, jobIds }: LandedQuery,
): Promise<readonly LandedExport[]> {
  if (!(await hasExports(database))) return [];
  const rows = await database.query(
    `SELECT export_id, job_id, receipt->>'$.asOf', receipt->>'$.scheduledAt', array_to_string(${PART_JOBS}, chr(10)) FROM exports
     WHERE account = $1 AND list_has_any([export_id, job_id] || ${PART_JOBS}, string_split($2, chr(10)))`,
    [account, [...exportIds, ...jobIds].join('\n')],
  );
  return rows.map(([exportId, jobId, asOf, scheduledAt, partJobIds]) => ({
    exportId: exportId ?? '',
    jobId: jobId ?? '',
    asOf: asOf ?? '',
    scheduledAt: scheduledAt ?? null,
    partJobIds: partJobIds ? partJobIds.split('\n') : [],
  }));
}

/** The receipt under which `load` was published, if it was. */
export async function findReceipt(database: Database, load: LoadIdentity): Promise<Receipt | undefined> {
  if (!(await hasExports(database))) return undefined;
  const rows = await database.query('SELECT receipt FROM exports WHERE export_id = $1 AND load_id = $2', [
    load.exportId,
    load.loadId,
  ]);
  const text = rows[0]?.[0];
  return typeof text === 'string' ? readReceipt(database, load, text) : undefined;
}

/**
 * A receipt from its column.
 * @throws ExportError `DestinationIncompatible` when it is not one of that load
 */
export function readReceipt(database: Database, load: LoadIdentity, text: string): Receipt {
  const receipt = parsed(text);
  if (isReceiptOf(receipt, load)) return receipt;
  throw new ExportError(
    'DestinationIncompatible',
    `The receipt of export ${load.exportId} in ${database.files.database} is not one that this version reads: update the package.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The rest was checked when it was written: a receipt is landed with its rows or not at all. */
function isReceiptOf(value: unknown, load: LoadIdentity): value is Receipt {
  return (
    typeof value === 'object' &&
    value !== null &&
    'receiptVersion' in value &&
    value.receiptVersion === 1 &&
    'exportId' in value &&
    value.exportId === load.exportId &&
    'loadId' in value &&
    value.loadId === load.loadId
  );
}
