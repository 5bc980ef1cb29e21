import { chmod, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { STORAGE_VERSION } from '../../destinations/duckdb/database.js';
import { asExportError } from '../../destinations/duckdb/errors.js';
import { tableStatements } from '../../destinations/duckdb/schema.js';
import { closedOptions } from '../../duckdb/options.js';
import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';
import { ExportError } from '../../model/export-error.js';
import { redactedTables, type ColumnModel, type RedactedTableName } from '../../model/tables.js';
import type { RedactedTable } from '../../redaction/port.js';
import { parquetSql } from '../../redaction/read-back.js';
import type { Format } from './targets.js';

const LIMITS = { memoryLimitMb: 320, threads: 2 };

/** Options of DuckDB's COPY. */
const copies: Readonly<Record<Exclude<Format, 'parquet' | 'duckdb'>, string>> = {
  json: 'FORMAT json, ARRAY true',
  ndjson: 'FORMAT json',
  csv: 'FORMAT csv, HEADER true',
};

/** Where the output of a table, or of all of them, is made in the working folder. */
export const madeIn = (folder: string, format: Format, table: string): string =>
  join(folder, format === 'duckdb' ? 'database.duckdb' : `${table}.${format}`);

/**
 * Makes the output from the redacted Parquet files in `folder`; Parquet itself is there already.
 * @throws ExportError `DestinationUnavailable`, `CountsDisagree`; the signal's reason
 */
export async function writeOutput(
  tables: readonly RedactedTable<RedactedTableName>[],
  { folder, format, signal }: { readonly folder: string; readonly format: Format; readonly signal: AbortSignal },
): Promise<void> {
  if (format !== 'parquet') {
    await inDuckDb(folder, format, signal, async (connection) => {
      for (const { table, name, rows } of tables) {
        const written = await writeTable(connection, format, parquetSql(join(folder, name)), {
          table,
          path: madeIn(folder, format, table),
        });
        if (written !== rows)
          throw new ExportError('CountsDisagree', `${rows} rows of ${table} were redacted and ${written} written.`);
      }
      if (format === 'duckdb') await connection.run('CHECKPOINT');
    });
  }
  for (const path of new Set(tables.map(({ table }) => madeIn(folder, format, table)))) await settle(path);
}

async function writeTable(
  connection: DuckDBConnection,
  format: Exclude<Format, 'parquet'>,
  source: string,
  { table, path }: { readonly table: string; readonly path: string },
): Promise<number> {
  const model = redactedTables.find(({ name }) => name === table);
  if (!model) throw new ExportError('CountsDisagree', `There is no table ${table} in the model.`);
  if (format !== 'duckdb') {
    const rows = `SELECT ${format === 'csv' ? model.columns.map(plainCellSql).join(', ') : '*'} FROM ${source}`;
    return (await connection.run(`COPY (${rows}) TO ${quoteLiteral(path)} (${copies[format]})`)).rowsChanged;
  }
  for (const statement of tableStatements(model)) await connection.run(statement);
  const columns = model.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const insert = `INSERT INTO ${quoteIdentifier(table)} (${columns}) SELECT ${columns} FROM ${source}`;
  return (await connection.run(insert)).rowsChanged;
}

/** A column's cell of a CSV: a text that spreadsheets would run as a formula gets the mark with which they take it as it is. */
function plainCellSql({ name, type }: ColumnModel): string {
  const cell = quoteIdentifier(name);
  if (type !== 'text') return cell;
  const formula = `regexp_matches(${cell}, '^[=+@\\t\\r-]') AND NOT regexp_full_match(${cell}, '[+-][0-9][0-9.,]*')`;
  return `CASE WHEN ${formula} THEN '''' || ${cell} ELSE ${cell} END AS ${cell}`;
}

async function inDuckDb(
  folder: string,
  format: Format,
  signal: AbortSignal,
  work: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const database = format === 'duckdb' ? madeIn(folder, format, '') : ':memory:';
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection | undefined;
  const interrupt = (): void => connection?.interrupt();
  signal.addEventListener('abort', interrupt);
  try {
    const options = closedOptions({ ...LIMITS, tempDirectory: join(folder, 'spill') });
    instance = await DuckDBInstance.create(database, { ...options, storage_compatibility_version: STORAGE_VERSION });
    connection = await instance.connect();
    await work(connection);
  } catch (error) {
    signal.throwIfAborted();
    throw asExportError(error, 'writing', `the ${format} output`);
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection?.closeSync();
    instance?.closeSync();
  }
}

/** For its owner alone, and on the disk. */
async function settle(path: string): Promise<void> {
  await chmod(path, 0o600);
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
