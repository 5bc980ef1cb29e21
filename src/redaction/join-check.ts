import { ExportError } from '../model/export-error.js';
import type { TableModel } from '../model/tables.js';
import type { DuckDbSession } from './duckdb-session.js';
import { parquetSql } from './read-back.js';
import { rowKey } from './row-key.js';

/** Rows whose keys are held at once; the rest waits for a pass of its own, so that memory stays bounded. */
const ROWS_A_PASS = 1_000_000;

/**
 * How the rows of one key become one; rows without a key are joined with none.
 *
 * - `columns`: each part has filled other columns of the row, as where one file has all types. Rows of a key stand beside each other
 *   where a part has several, or where two say different things: no value is lost, and none stands where it does not belong.
 * - `newest`: all parts say the same, and where they do not, the rows of the newest part that has the key.
 */
export type Joining = 'columns' | 'newest';

export interface PartRows {
  /** A Parquet file with the model's columns and the row's key (row-key.ts). */
  readonly path: string;
  readonly rows: number;
}

export interface JoinCheck {
  readonly model: TableModel;
  readonly joining: Joining;
  /** Oldest first. */
  readonly parts: readonly PartRows[];
  /** Where the rows with a key are, joined: each with its key, and whether it `differs`. */
  readonly joined: string;
}

/** Rows that joining leaves of a key's, by how many each part has: `n0`, `n1`, ... */
const left: Readonly<Record<Joining, (counts: readonly string[]) => string>> = {
  columns: (counts) => `CASE WHEN apart THEN ${counts.join(' + ')} ELSE 1 END`,
  newest: (counts) =>
    `coalesce(${counts
      .map((count) => `nullif(${count}, 0)`)
      .reverse()
      .join(', ')})`,
};

/**
 * Counts the rows of each key anew, in the parts and in what was made of them.
 * @returns rows without a key
 * @throws ExportError `CountsDisagree` where a key of a part is lost, another one is there, or one has too few or too many rows
 */
export async function checkJoined(
  session: DuckDbSession,
  { model, joining, parts, joined }: JoinCheck,
): Promise<number> {
  const doing = `counting the keys of ${model.name}`;
  const sources = [...parts.map(({ path }) => path), joined].map(
    (path, part) =>
      `SELECT ${rowKey} AS k, ${part} AS part, ${path === joined ? 'differs' : 'false'} AS differs FROM ${parquetSql(path)}`,
  );
  const all = `(${sources.join(' UNION ALL ')})`;
  const counts = parts.map((_, part) => `n${part}`);
  const counted = [...counts, 'made'].map((name, part) => `count(*) FILTER (WHERE part = ${part}) AS ${name}`);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const passes = Math.max(1, Math.ceil(rows / ROWS_A_PASS));
  for (let pass = 0; pass < passes; pass++) {
    const { wrong } = await session.row(
      doing,
      `SELECT count(*)::DOUBLE AS wrong FROM (SELECT k, bool_or(differs) AS apart, ${counted.join(', ')} FROM ${all} ` +
        `WHERE k IS NOT NULL AND hash(k) % ${passes} = ${pass} GROUP BY k) ` +
        `WHERE ${counts.join(' + ')} = 0 OR made <> ${left[joining](counts)}`,
    );
    if (Number(wrong) > 0) throw partsDisagree(model, 'rows');
  }
  const { keyless } = await session.row(
    doing,
    `SELECT count(*)::DOUBLE AS keyless FROM ${parquetSql(...parts.map(({ path }) => path))} WHERE ${rowKey} IS NULL`,
  );
  return Number(keyless);
}

export const partsDisagree = (model: TableModel, what: string): ExportError =>
  new ExportError('CountsDisagree', `The parts of ${model.name}, joined, have another number of ${what} than apart.`);
