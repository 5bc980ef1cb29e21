import { copyRows } from './copy-table.js';
import type { DuckDbSession } from './duckdb-session.js';
import { temporary } from './join-parts.js';
import { parquetSql } from './read-back.js';
import { quoteIdentifier } from '../duckdb/sql.js';

/** Rows whose keys are held at once, which takes some 100 bytes each: the rest waits for a pass of its own. */
const ROWS_A_PASS = 1_000_000;

export interface KeyedRows {
  readonly table: string;
  /** The Parquet file. */
  readonly path: string;
  readonly rows: number;
  readonly key: readonly string[];
  /** A private folder for hashes on their way. */
  readonly scratch: string;
}

/** Rows whose key stands in the file more than once. Keys are compared by a 64-bit hash. */
export async function countDuplicates(
  session: DuckDbSession,
  { table, path, rows, key, scratch }: KeyedRows,
): Promise<number> {
  const doing = `counting duplicates of ${table}`;
  const hashes = `SELECT hash(${key.map((column) => quoteIdentifier(column)).join(', ')}) AS h FROM ${parquetSql(path)}`;
  const passes = Math.ceil(rows / ROWS_A_PASS);
  const count = async (from: string): Promise<number> => {
    const sql = `SELECT coalesce(sum(n), 0)::DOUBLE AS duplicates FROM (SELECT count(*) AS n FROM (${from}) GROUP BY h HAVING count(*) > 1)`;
    return Number((await session.row(doing, sql))['duplicates']);
  };
  if (passes <= 1) return count(hashes);
  const file = await temporary(scratch);
  try {
    await copyRows(session, doing, hashes, file.path);
    let duplicates = 0;
    for (let pass = 0; pass < passes; pass++)
      duplicates += await count(`SELECT h FROM ${parquetSql(file.path)} WHERE h % ${passes} = ${pass}`);
    return duplicates;
  } finally {
    await file.close();
  }
}
