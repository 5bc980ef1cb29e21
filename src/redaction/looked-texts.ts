import type { DuckDbSession } from './duckdb-session.js';
import { parquetSql } from './read-back.js';

/** The texts that fit into memory, each once: a table of this name with the columns `place` and `text`. */
const TEXTS = 'looked_texts';
/** What a text takes beside its bytes. */
const OVERHEAD = 32;
/** Bytes of a column's distinct texts, and of those of all columns; more are read row by row. */
const COLUMN_BYTES = 24_000_000;
const ALL_BYTES = 64_000_000;

/**
 * A relation `(place, text)` with the texts of a Parquet file's columns, whose place is the one in the list; a column's texts once each where
 * they are few enough: ids and pseudonyms stand in row after row, and whatever is to be known of a text is known of all its copies.
 * Good until the next call.
 * @param columns quoted names
 */
export async function lookedTexts(
  session: DuckDbSession,
  doing: string,
  path: string,
  columns: readonly string[],
): Promise<string> {
  const from = parquetSql(path);
  const bytes = columns.map(
    (name, at) =>
      `(approx_count_distinct(${name}) * (coalesce(max(strlen(${name})), 0) + ${OVERHEAD}))::DOUBLE AS b${at}`,
  );
  const estimated = await session.row(doing, `SELECT ${bytes.join(', ')} FROM ${from}`);
  const places = columns.map((name, place) => ({ name, place, bytes: Number(estimated[`b${place}`]) }));
  let left = ALL_BYTES;
  const few = new Set(
    [...places]
      .sort((one, other) => one.bytes - other.bytes)
      .filter((column) => column.bytes <= COLUMN_BYTES && (left -= column.bytes) >= 0)
      .map(({ place }) => place),
  );
  const texts = (distinct: boolean): string[] =>
    places
      .filter(({ place }) => few.has(place) === distinct)
      .map(
        ({ name, place }) =>
          `SELECT ${place} AS place, text FROM (SELECT ${distinct ? 'DISTINCT ' : ''}${name} AS text FROM ${from}) WHERE text IS NOT NULL`,
      );
  const each = texts(true);
  const none = 'SELECT 0 AS place, CAST(NULL AS VARCHAR) AS text WHERE false';
  await session.run(
    doing,
    `CREATE OR REPLACE TEMP TABLE ${TEXTS} AS ${each.length > 0 ? each.join(' UNION ALL ') : none}`,
  );
  return `(${[`SELECT place, text FROM ${TEXTS}`, ...texts(false)].join(' UNION ALL ')})`;
}
