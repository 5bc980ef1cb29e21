import { tableChecksumSql } from '../duckdb/checksum-sql.js';
import { tableFingerprintSql } from '../duckdb/fingerprint-sql.js';
import { quoteIdentifier, quoteLiteral } from '../duckdb/sql.js';
import type { ColumnModel, TableModel } from '../model/tables.js';
import type { DuckDbSession } from './duckdb-session.js';

/** Parquet files as a relation. DuckDB takes a path for a pattern; in brackets its special characters are themselves. */
export function parquetSql(...paths: readonly string[]): string {
  const plain = paths.map((path) => quoteLiteral(path.replace(/[*?[]/g, '[$&]')));
  return `read_parquet([${plain.join(', ')}])`;
}

export interface ReadBack {
  readonly rows: number;
  readonly checksum: string;
  readonly fingerprint: string;
  /** Values that are not null, by column. */
  readonly filled: ReadonlyMap<string, number>;
}

/** What a Parquet file that was just written holds, by reading it. */
export async function readBack(session: DuckDbSession, model: TableModel, path: string): Promise<ReadBack> {
  const doing = `reading ${model.name} back`;
  const counts = model.columns.map(({ name }, at) => `count(${quoteIdentifier(name)})::DOUBLE AS c${at}`);
  const counted = await session.row(
    doing,
    `SELECT count(*)::DOUBLE AS rows, ${counts.join(', ')} FROM ${parquetSql(path)}`,
  );
  const filled = new Map(model.columns.map(({ name }, at) => [name, Number(counted[`c${at}`])]));
  const withValues = new Set([...filled].filter(([, values]) => values > 0).map(([name]) => name));
  const { checksum, fingerprint } = await session.row(
    doing,
    `SELECT ${tableChecksumSql(model.columns, withValues)} AS checksum, ${tableFingerprintSql(model.columns)} AS fingerprint ` +
      `FROM ${parquetSql(path)}`,
  );
  return {
    rows: Number(counted['rows']),
    checksum: String(checksum),
    fingerprint: String(fingerprint),
    filled,
  };
}

/** Rows whose keys are held at once while duplicates are counted: the rest waits for a pass of its own, so that memory stays bounded. */
const ROWS_A_PASS = 2_000_000;

/** Rows whose key stands in the file more than once. Keys are compared by a 64-bit hash. */
export async function countDuplicates(
  session: DuckDbSession,
  table: string,
  path: string,
  rows: number,
  key: readonly string[],
): Promise<number> {
  const passes = Math.max(1, Math.ceil(rows / ROWS_A_PASS));
  const hash = `hash(${key.map((column) => quoteIdentifier(column)).join(', ')})`;
  let duplicates = 0;
  for (let pass = 0; pass < passes; pass++) {
    const row = await session.row(
      `counting duplicates of ${table}`,
      `SELECT coalesce(sum(n), 0)::DOUBLE AS duplicates FROM (SELECT count(*) AS n FROM (SELECT ${hash} AS h FROM ${parquetSql(path)}) ` +
        `WHERE h % ${passes} = ${pass} GROUP BY h HAVING count(*) > 1)`,
    );
    duplicates += Number(row['duplicates']);
  }
  return duplicates;
}

/** Distinct values of a column that look like what they should be, sorted; `(other)` stands for the rest. */
export async function distinctWords(
  session: DuckDbSession,
  path: string,
  column: ColumnModel['name'],
  pattern: RegExp,
  limit: number,
): Promise<string[]> {
  const name = quoteIdentifier(column);
  const rows = await session.rows(
    `listing ${column}`,
    `SELECT DISTINCT ${name} AS word FROM ${parquetSql(path)} WHERE ${name} IS NOT NULL ORDER BY word LIMIT ${limit}`,
  );
  return rows.map(({ word }) => (typeof word === 'string' && pattern.test(word) ? word : '(other)'));
}
