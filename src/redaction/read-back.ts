import { tableChecksumSql } from '../duckdb/checksum-sql.js';
import { tableFingerprintSql } from '../duckdb/fingerprint-sql.js';
import { quoteIdentifier, quoteLiteral } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import type { ColumnModel, TableModel } from '../model/tables.js';
import type { DuckDbSession } from './duckdb-session.js';

/** Parquet files as a relation. DuckDB takes a path for a pattern; in brackets its special characters are themselves. */
export const parquetSql = (...paths: readonly string[]): string => `read_parquet(${filesSql(paths)})`;

function filesSql(paths: readonly string[]): string {
  const plain = paths.map((path) => quoteLiteral(path.replace(/[*?[]/g, '[$&]')));
  return `[${plain.join(', ')}]`;
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
  const filled = await filledOf(session, doing, path);
  const withValues = new Set([...filled].filter(([, values]) => values > 0).map(([name]) => name));
  const empty = model.columns
    .filter(({ name }) => !withValues.has(name))
    .map(({ name }) => `count(${quoteIdentifier(name)})`);
  const { rows, others, checksum, fingerprint } = await session.row(
    doing,
    `SELECT count(*)::DOUBLE AS rows, (${['0', ...empty].join(' + ')})::DOUBLE AS others, ` +
      `${tableChecksumSql(model.columns, withValues)} AS checksum, ${tableFingerprintSql(model.columns)} AS fingerprint ` +
      `FROM ${parquetSql(path)}`,
  );
  if (others !== 0)
    throw new ExportError('CountsDisagree', `${model.name} has values in columns that its file says are empty.`);
  return {
    rows: Number(rows),
    checksum: String(checksum),
    fingerprint: String(fingerprint),
    filled,
  };
}

/** From what the file says of itself, whose values would take a tenth of the time of all that is done with them to count. */
async function filledOf(session: DuckDbSession, doing: string, path: string): Promise<Map<string, number>> {
  const columns = await session.rows(
    doing,
    `SELECT path_in_schema AS name, sum(num_values - stats_null_count)::DOUBLE AS filled FROM parquet_metadata(${filesSql([path])}) GROUP BY name`,
  );
  return new Map(columns.map(({ name, filled }) => [String(name), Number(filled)]));
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
