import type { DuckDbSession } from './duckdb-session.js';
import { parquetSql } from './read-back.js';

/** The texts that fit into memory, each once: a table of this name with the columns `place` and `text`. */
const TEXTS = 'looked_texts';
/** What a text takes beside its bytes. */
const OVERHEAD = 32;
/** Bytes of a column's distinct texts, and of those of all columns; more are read row by row. */
const COLUMN_BYTES = 24_000_000;
const ALL_BYTES = 64_000_000;

export interface LookedTexts {
  /** A relation `(place, text)`: the texts of the columns, whose place is the one in the list. Good until the next call. */
  readonly relation: string;
  /** By place, about how many texts there are and how many bytes these have; a column that is missing has too many, which are read row by row. */
  readonly few: ReadonlyMap<number, { readonly texts: number; readonly bytes: number }>;
}

/**
 * The texts of a Parquet file's columns, of each column once where they are few enough: ids and pseudonyms stand in row after row, and
 * whatever is to be known of a text is known of all its copies.
 * @param columns quoted names
 */
export async function lookedTexts(
  session: DuckDbSession,
  doing: string,
  path: string,
  columns: readonly string[],
): Promise<LookedTexts> {
  const from = parquetSql(path);
  const sizes = columns.map(
    (name, at) =>
      `approx_count_distinct(${name})::DOUBLE AS n${at}, coalesce(max(strlen(${name})), 0)::DOUBLE AS l${at}`,
  );
  const estimated = await session.row(doing, `SELECT ${sizes.join(', ')} FROM ${from}`);
  const places = columns.map((name, place) => {
    const texts = Number(estimated[`n${place}`]);
    return { name, place, texts, bytes: texts * (Number(estimated[`l${place}`]) + OVERHEAD) };
  });
  const few = new Map<number, { texts: number; bytes: number }>();
  let left = ALL_BYTES;
  for (const { place, texts, bytes } of [...places].sort((one, other) => one.bytes - other.bytes)) {
    if (bytes > Math.min(COLUMN_BYTES, left)) break;
    left -= bytes;
    few.set(place, { texts, bytes });
  }
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
  return {
    relation: `(${[`SELECT place, text FROM ${TEXTS}`, ...texts(false)].join(' UNION ALL ')})`,
    few,
  };
}
