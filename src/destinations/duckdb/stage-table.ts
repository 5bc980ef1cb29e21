import { ExportError } from '../../model/export-error.js';
import { forecastTables, type ForecastTableName, type TableModel } from '../../model/tables.js';
import { tableChecksumSql } from '../../duckdb/checksum-sql.js';
import { tableFingerprintSql } from '../../duckdb/fingerprint-sql.js';
import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';
import { duckdbType } from '../../duckdb/types.js';
import type { LandedTable, StagedTable } from '../port.js';
import type { Database } from './database.js';
import { measuresSql, readMeasures } from './measures.js';

/**
 * Copies a Parquet file into its table under `exportId`, in place of rows that are there under it, and gives what the table
 * then holds. Run inside the load's transaction.
 *
 * @throws ExportError `DestinationIncompatible` when the file's columns are not the model's
 */
export async function stageTable(database: Database, exportId: string, staged: StagedTable): Promise<LandedTable> {
  const table = modelOf(staged.table);
  const parquet = readParquet(staged.path);
  await checkColumns(database, table, staged.table, parquet);
  await removeRows(database, staged.table, exportId);
  const columns = table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  await database.query(
    `INSERT INTO ${quoteIdentifier(table.name)} (export_id, ${columns}) SELECT $1, ${columns} FROM ${parquet}`,
    [exportId],
  );
  const ofExport = `FROM ${quoteIdentifier(table.name)} WHERE export_id = $1`;
  // As two queries in one: each reads rows that are not committed yet with one thread alone.
  const looked = await database.query(
    `SELECT * FROM (SELECT CAST(count(*) AS VARCHAR) AS rows, ${measuresSql(table.columns).join(', ')} ${ofExport}), ` +
      `(SELECT ${tableFingerprintSql(table.columns)} AS fingerprint ${ofExport})`,
    [exportId],
  );
  const [rows, ...measures] = looked[0] ?? [];
  const fingerprint = measures.pop();
  return {
    table: staged.table,
    rows: Number(rows),
    checksum: fingerprint === staged.fingerprint ? staged.checksum : await checksumOf(database, table, exportId),
    measures: readMeasures(table.columns, measures),
  };
}

async function checksumOf(database: Database, table: TableModel, exportId: string): Promise<string> {
  const summed = await database.query(
    `SELECT ${tableChecksumSql(table.columns)} FROM ${quoteIdentifier(table.name)} WHERE export_id = $1`,
    [exportId],
  );
  return summed[0]?.[0] ?? '';
}

/** Removes the rows of one export from one table. */
export async function removeRows(database: Database, table: ForecastTableName, exportId: string): Promise<void> {
  await database.query(`DELETE FROM ${quoteIdentifier(table)} WHERE export_id = $1`, [exportId]);
}

function modelOf(name: ForecastTableName): TableModel {
  const table = forecastTables.find((candidate) => candidate.name === name);
  if (table === undefined) throw new ExportError('CountsDisagree', `There is no table ${name} in the model.`);
  return table;
}

/** Exactly the file's own columns: a path that looks like `key=value` would add one, and `*`, `?`, `[` would name other files. */
function readParquet(path: string): string {
  const exact = path.replace(/[*?[]/gu, '[$&]');
  return `read_parquet(${quoteLiteral(exact)}, hive_partitioning = false)`;
}

async function checkColumns(
  database: Database,
  table: TableModel,
  name: ForecastTableName,
  parquet: string,
): Promise<void> {
  const described = await database.query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${parquet})`);
  const found = described.map(([column, type]) => `${column ?? ''} ${type ?? ''}`);
  const wanted = table.columns.map((column) => `${column.name} ${duckdbType(column.type)}`);
  const at = wanted.findIndex((column, index) => column !== found[index]);
  if (at === -1 && found.length === wanted.length) return;
  const index = at === -1 ? wanted.length : at;
  throw new ExportError(
    'CountsDisagree',
    `The staged file of ${name} is not of this version: column ${index + 1} has to be ${wanted[index] ?? 'absent'}` +
      (found.length === wanted.length ? '.' : ` (${found.length} columns in place of ${wanted.length}).`),
  );
}
