import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createNameless, type NamelessFile } from '../duckdb/nameless-file.js';
import { quoteIdentifier } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import type { JoinedParts } from '../model/steps.js';
import type { TableModel } from '../model/tables.js';
import { copyRows } from './copy-table.js';
import type { DuckDbSession } from './duckdb-session.js';
import { parquetSql } from './read-back.js';

/** Rows that are held at once while they are joined. */
const ROWS_A_PASS = 200_000;

/**
 * How the rows of one key become one.
 *
 * - `columns`: each part has filled other columns of the row, as where one file has all types. Rows of a key stand beside each other
 *   where a part has several, or where two say different things: no value is lost, and none stands where it does not belong.
 * - `newest`: all parts say the same, and where they do not, the rows of the newest part that has the key.
 */
export type Joining = 'columns' | 'newest';

export interface PartRows {
  /** A Parquet file with the model's columns. */
  readonly path: string;
  readonly rows: number;
}

export interface JoinInput {
  readonly model: TableModel;
  readonly joining: Joining;
  /** Columns by which rows belong together. Without a value in one of them, a row is joined with none (`columns`). */
  readonly key: readonly string[];
  /** Oldest first. */
  readonly parts: readonly PartRows[];
  /** Where the rows go, as a Parquet file. */
  readonly path: string;
  /** A private folder for files without a name. */
  readonly scratch: string;
}

/** Joins the rows of a split export's parts into one table. Memory does not grow with them: they are joined by hash, pass after pass. */
export async function joinParts(session: DuckDbSession, input: JoinInput): Promise<JoinedParts> {
  const { model, parts, path, scratch } = input;
  const read = parts.reduce((sum, { rows }) => sum + rows, 0);
  const passes = Math.max(1, Math.ceil(read / ROWS_A_PASS));
  const files: NamelessFile[] = [];
  try {
    for (let pass = 0; pass < passes; pass++) {
      const file = await temporary(scratch);
      files.push(file);
      const select = joinings[input.joining](input, `hash % ${passes} = ${pass}`);
      await copyRows(session, `joining the parts of ${model.name}`, select, file.path);
    }
    const joined = `(${files.map((file) => `SELECT * FROM ${parquetSql(file.path)}`).join(' UNION ALL ')})`;
    const rows = await copyRows(
      session,
      `gathering the parts of ${model.name}`,
      `SELECT ${columnsOf(model)} FROM ${joined}`,
      path,
    );
    const counted = await session.row(
      `counting what differs in the parts of ${model.name}`,
      `SELECT count(*)::DOUBLE AS rows, (count(*) FILTER (WHERE differs))::DOUBLE AS differing FROM ${joined}`,
    );
    if (Number(counted['rows']) !== rows)
      throw new ExportError('CountsDisagree', `${model.name} has lost rows on the way to its parts’ one table.`);
    return { joined: read - rows, differing: Number(counted['differing']) };
  } finally {
    for (const file of files) await file.close();
  }
}

/** A file for rows on their way, which goes when it is closed. */
export function temporary(scratch: string): Promise<NamelessFile> {
  return createNameless(join(scratch, `${randomUUID()}.parquet`));
}

const columnsOf = ({ columns }: TableModel): string => columns.map(({ name }) => quoteIdentifier(name)).join(', ');

/** The rows of all parts that a condition on the hash of their key lets through, with `hash` and `part`. */
function recordsSql({ key, parts }: JoinInput, condition: string): string {
  const hash = `hash(${key.map(quoteIdentifier).join(', ')})`;
  const rows = parts.map(({ path }, part) => `SELECT ${part} AS part, ${hash} AS hash, * FROM ${parquetSql(path)}`);
  return `records AS MATERIALIZED (SELECT * FROM (${rows.join(' UNION ALL ')}) WHERE ${condition})`;
}

const joinings: Readonly<Record<Joining, (input: JoinInput, condition: string) => string>> = {
  columns(input, condition) {
    const { model, key } = input;
    const columns = model.columns.map(({ name }) => quoteIdentifier(name));
    // The key's own columns too: two keys may share a hash.
    const agree = columns.map((name) => `min(${name}) IS NOT DISTINCT FROM max(${name})`);
    const whole = key.map((name) => `${quoteIdentifier(name)} IS NOT NULL`).join(' AND ');
    return (
      `WITH ${recordsSql(input, condition)}, ` +
      `groups AS MATERIALIZED (SELECT hash, ${columns.map((name) => `any_value(${name}) AS ${name}`).join(', ')}, ` +
      `count(*) = bit_count(bit_or(1 << part)) AND ${agree.join(' AND ')} AS fits FROM records WHERE ${whole} GROUP BY hash) ` +
      `SELECT ${columns.join(', ')}, false AS differs FROM groups WHERE fits UNION ALL ` +
      `SELECT ${columns.join(', ')}, true FROM records WHERE NOT (${whole}) OR hash IN (SELECT hash FROM groups WHERE NOT fits)`
    );
  },
  newest(input, condition) {
    const columns = columnsOf(input.model);
    return (
      `WITH ${recordsSql(input, condition)}, ` +
      `contents AS (SELECT hash, part, sum(hash(${columns})::HUGEINT) AS content FROM records GROUP BY hash, part), ` +
      `newest AS (SELECT hash, max(part) AS part, min(content) <> max(content) AS differs FROM contents GROUP BY hash) ` +
      `SELECT ${columns}, differs FROM records JOIN newest USING (hash, part)`
    );
  },
};
