import { ExportError } from '../../model/export-error.js';
import { forecastTables, type ForecastTableName, type TableModel } from '../../model/tables.js';
import { tableChecksumSql } from '../../duckdb/checksum-sql.js';
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
  const values = table.columns.map(({ name }) => `CAST(count(${quoteIdentifier(name)}) AS VARCHAR)`);
  const wanted = [
    'CAST(count(*) AS VARCHAR)',
    'CAST(min(rowid) + (max(rowid) - min(rowid)) // 2 AS VARCHAR)',
    ...values,
    ...measuresSql(table.columns),
  ];
  const counted = await database.query(
    `SELECT ${wanted.join(', ')} FROM ${quoteIdentifier(table.name)} WHERE export_id = $1`,
    [exportId],
  );
  const [rows, middle, ...cells] = counted[0] ?? [];
  const filled = new Set(table.columns.filter((_, at) => cells[at] !== '0').map(({ name }) => name));
  return {
    table: staged.table,
    rows: Number(rows),
    checksum: await checksumOf(database, { table, exportId, middle: middle ?? '0', filled }),
    measures: readMeasures(table.columns, cells.slice(table.columns.length)),
  };
}

interface Landed {
  readonly table: TableModel;
  readonly exportId: string;
  /** A row's id, about half of the rows before it. */
  readonly middle: string;
  /** Columns with a value. */
  readonly filled: ReadonlySet<string>;
}

/** By halves: rows that are not committed yet DuckDB reads with one thread alone, each side of a union with another. */
async function checksumOf(database: Database, { table, exportId, middle, filled }: Landed): Promise<string> {
  const half = (side: string): string =>
    `SELECT CAST(${tableChecksumSql(table.columns, filled)} AS HUGEINT) AS half FROM ${quoteIdentifier(table.name)} ` +
    `WHERE export_id = $1 AND rowid ${side} CAST($2 AS BIGINT)`;
  const summed = await database.query(`SELECT CAST(sum(half) AS VARCHAR) FROM (${half('<')} UNION ALL ${half('>=')})`, [
    exportId,
    middle,
  ]);
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
