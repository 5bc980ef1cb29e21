import { ExportError } from '../../model/export-error.js';
import type { Receipt } from '../../model/receipt.js';
import { exportsTable } from '../../model/tables.js';
import { quoteIdentifier } from '../../duckdb/sql.js';
import { duckdbType } from '../../duckdb/types.js';
import type { LandedTable, LoadIdentity, Measures, StagedTable } from '../port.js';
import type { Database } from './database.js';
import { PART_JOBS } from './landed.js';

type ExportsColumn = (typeof exportsTable)['columns'][number]['name'];

/**
 * One job is one snapshot, and a part of one alone: another deployment, whose ledger knows nothing of this one's, may have landed it
 * under an id of its own, or as a part of another one.
 *
 * @throws ExportError `LoadSuperseded`
 */
export async function refuseSecondCopy(database: Database, receipt: Receipt): Promise<void> {
  const { account, jobId, exportId, parts = [] } = receipt;
  const jobIds = [jobId, ...parts.map((part) => part.jobId)].join('\n');
  const [other] = await database.query(
    `WITH landed AS (SELECT account, export_id, ${PART_JOBS} AS part_jobs, job_id FROM exports)
     SELECT export_id, list_intersect([job_id] || part_jobs, string_split($2, chr(10)))[1] AS job FROM landed
     WHERE account = $1 AND (export_id <> $3 AND job IS NOT NULL OR list_contains(part_jobs, $4))`,
    [account, jobIds, exportId, jobId],
  );
  if (!other) return;
  throw new ExportError(
    'LoadSuperseded',
    `Job ${other[1] ?? ''} has meanwhile landed as export ${other[0] ?? ''}; as export ${exportId} nothing was published.`,
  );
}

/**
 * Runs that share a job may ask for it whole, split into types, or as Clari truncated it: a complete snapshot stays.
 *
 * @throws ExportError `ExportTruncated`
 */
export async function keepComplete(database: Database, { exportId, jobId, complete }: Receipt): Promise<void> {
  if (complete) return;
  const [whole] = await database.query('SELECT 1 FROM exports WHERE export_id = $1 AND complete', [exportId]);
  if (!whole) return;
  throw new ExportError(
    'ExportTruncated',
    `Export ${exportId} has landed complete, which the truncated result of job ${jobId} does not replace.`,
  );
}

/** Puts the export's row in place of an earlier one. Run inside the load's transaction. */
export async function landReceipt(database: Database, receipt: Receipt, measures: Measures): Promise<void> {
  const row: Record<ExportsColumn, string | null> = { ...exportsRow(receipt), measures: JSON.stringify(measures) };
  const columns = exportsTable.columns.map(({ name }) => quoteIdentifier(name));
  const values = exportsTable.columns.map(({ type }, index) =>
    // A plain cast to TIMESTAMP drops the zone without a word.
    type === 'timestamp'
      ? `CAST($${index + 1} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`
      : `CAST($${index + 1} AS ${duckdbType(type)})`,
  );
  await database.query('DELETE FROM exports WHERE export_id = $1', [receipt.exportId]);
  await database.query(
    `INSERT INTO exports (${columns.join(', ')}) VALUES (${values.join(', ')})`,
    exportsTable.columns.map(({ name }) => row[name] ?? null),
  );
}

function exportsRow(receipt: Receipt): Record<Exclude<ExportsColumn, 'measures'>, string | null> {
  const { request, policy, key } = receipt;
  const rows = receipt.tables.reduce((sum, { landed }) => sum + landed, 0);
  return {
    export_id: receipt.exportId,
    load_id: receipt.loadId,
    connection: receipt.connection,
    account: receipt.account,
    environment: receipt.environment,
    forecast_id: request.forecastId,
    time_period: receipt.timePeriod,
    scope_id: request.scopeId,
    types_to_export: receipt.types.join(','),
    currency: request.currency,
    include_historical: String(request.includeHistorical),
    job_id: receipt.jobId,
    scheduled_at: receipt.scheduledAt,
    captured_at: receipt.capturedAt,
    landed_at: receipt.landedAt,
    complete: String(receipt.complete),
    row_count: String(rows),
    policy: `${policy.name}@${policy.version}`,
    key_version: key === null ? null : `${key.name}@${key.version}`,
    key_check: key?.check ?? null,
    receipt: JSON.stringify(receipt),
  };
}

/**
 * Refuses a receipt that says anything else than what was staged and landed.
 *
 * @throws ExportError `CountsDisagree`
 */
export function checkReceipt(
  load: LoadIdentity,
  receipt: Receipt,
  tables: ReadonlyMap<string, { readonly staged: StagedTable; readonly landed: LandedTable }>,
): void {
  const refuse = (what: string): never => {
    throw new ExportError('CountsDisagree', `Export ${load.exportId}, load ${load.loadId}: ${what}.`);
  };
  if (receipt.exportId !== load.exportId || receipt.loadId !== load.loadId) {
    refuse(`the receipt is of export ${receipt.exportId}, load ${receipt.loadId}`);
  }
  for (const [name, { staged, landed }] of tables) {
    if (landed.rows !== staged.rows) refuse(`${staged.rows} rows of ${name} were staged and ${landed.rows} landed`);
    if (landed.checksum !== staged.checksum)
      refuse(`the content checksum of ${name} changed between staging and landing`);
    if (!receipt.tables.some(({ table }) => table === name)) refuse(`the receipt does not speak of ${name}`);
  }
  for (const { table, landed, checksum } of receipt.tables) {
    const there = tables.get(table);
    if (there === undefined) return refuse(`the receipt speaks of ${table}, which was not staged`);
    if (landed !== there.landed.rows)
      refuse(`the receipt says ${landed} rows of ${table} and there are ${there.landed.rows}`);
    if (checksum !== there.landed.checksum) refuse(`the receipt’s checksum of ${table} is not the one of the rows`);
  }
}
