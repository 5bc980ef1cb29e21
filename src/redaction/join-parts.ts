import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createNameless, type NamelessFile } from '../duckdb/nameless-file.js';
import { quoteIdentifier } from '../duckdb/sql.js';
import type { JoinedParts } from '../model/steps.js';
import type { TableModel } from '../model/tables.js';
import { copyRows } from './copy-table.js';
import { checkJoined, partsDisagree, type Joining, type PartRows } from './join-check.js';
import type { DuckDbSession } from './duckdb-session.js';
import { parquetSql } from './read-back.js';
import { rowKey } from './row-key.js';

/** Rows that are joined at once; more are parted by the hash of their key first, so that memory does not grow with them. */
const ROWS_AT_ONCE = 20_000;
const FAN = 16;
/** Rows that are not parted by so many digits of their hash have one and the same key, and joining them takes no memory. */
const MOST_LEVELS = 10;

export interface JoinInput {
  readonly model: TableModel;
  readonly joining: Joining;
  /** Oldest first. */
  readonly parts: readonly PartRows[];
  /** Where the rows go, as a Parquet file with the model's columns alone. */
  readonly path: string;
  /** A private folder for files without a name. */
  readonly scratch: string;
}

/** Joins the rows of a split export's parts into one table. @throws ExportError `CountsDisagree` where a row is lost or made */
export async function joinParts(session: DuckDbSession, input: JoinInput): Promise<JoinedParts> {
  const { model, joining, parts, path } = input;
  const read = parts.reduce((sum, { rows }) => sum + rows, 0);
  const joined = await joinRows(session, input, { sql: partsSql(parts), rows: read });
  try {
    const keyless = await checkJoined(session, { model, joining, parts, joined: joined.path });
    const from = parquetSql(joined.path);
    const { made, differing } = await session.row(
      doing(input),
      `SELECT count(*)::DOUBLE AS made, count(*) FILTER (WHERE differs)::DOUBLE AS differing FROM ${from}`,
    );
    const columns = columnsOf(model);
    const alone = `SELECT ${columns} FROM ${parquetSql(...parts.map((part) => part.path))} WHERE ${rowKey} IS NULL`;
    const whole = `SELECT ${columns} FROM ${from} UNION ALL ${alone}`;
    const rows = await copyRows(session, doing(input), whole, path);
    if (rows !== Number(made) + keyless) throw partsDisagree(model, 'rows');
    return { joined: read - rows, differing: Number(differing) + keyless };
  } finally {
    await joined.close();
  }
}

interface Records {
  /** A query with `part`, the row's key and the model's columns. */
  readonly sql: string;
  readonly rows: number;
}

const doing = ({ model }: JoinInput): string => `joining the parts of ${model.name}`;

/** A file with the joined rows: the model's columns, the row's key, and `differs`. */
async function joinRows(session: DuckDbSession, input: JoinInput, records: Records, level = 0): Promise<NamelessFile> {
  const open: NamelessFile[] = [];
  const written = async (select: string): Promise<{ file: NamelessFile; rows: number }> => {
    const file = await temporary(input.scratch);
    open.push(file);
    return { file, rows: await copyRows(session, doing(input), select, file.path) };
  };
  let whole: NamelessFile | undefined;
  try {
    if (records.rows <= ROWS_AT_ONCE || level === MOST_LEVELS) {
      whole = (await written(joinings[input.joining](input, records.sql))).file;
      return whole;
    }
    const pieces: NamelessFile[] = [];
    for (let digit = 0; digit < FAN; digit++) {
      const { file, rows } = await written(
        `SELECT * FROM (${records.sql}) WHERE hash(${rowKey}) // ${FAN ** level} % ${FAN} = ${digit}`,
      );
      const piece = await joinRows(session, input, { sql: `SELECT * FROM ${parquetSql(file.path)}`, rows }, level + 1);
      open.push(piece);
      pieces.push(piece);
      await close(open, file);
    }
    whole = (await written(`SELECT * FROM ${parquetSql(...pieces.map((piece) => piece.path))}`)).file;
    return whole;
  } finally {
    for (const file of [...open]) if (file !== whole) await close(open, file);
  }
}

async function close(open: NamelessFile[], file: NamelessFile): Promise<void> {
  open.splice(open.indexOf(file), 1);
  await file.close();
}

/** A file for rows on their way, which goes when it is closed. */
export function temporary(scratch: string): Promise<NamelessFile> {
  return createNameless(join(scratch, `${randomUUID()}.parquet`));
}

const columnsOf = ({ columns }: TableModel): string => columns.map(({ name }) => quoteIdentifier(name)).join(', ');

/** The rows of all parts that have a key. */
const partsSql = (parts: readonly PartRows[]): string =>
  parts
    .map(({ path }, part) => `SELECT ${part} AS part, * FROM ${parquetSql(path)} WHERE ${rowKey} IS NOT NULL`)
    .join(' UNION ALL ');

const joinings: Readonly<Record<Joining, (input: JoinInput, records: string) => string>> = {
  columns({ model }, records) {
    const columns = model.columns.map(({ name }) => quoteIdentifier(name));
    // By hashes, which take less memory than texts.
    const said = (name: string): string => `CASE WHEN ${name} IS NOT NULL THEN hash(${name}) END`;
    const agree = columns.map((name) => `min(${said(name)}) IS NOT DISTINCT FROM max(${said(name)})`);
    return (
      `WITH records AS NOT MATERIALIZED (${records}), ` +
      `groups AS MATERIALIZED (SELECT ${rowKey}, ${columns.map((name) => `any_value(${name}) AS ${name}`).join(', ')}, ` +
      `count(*) = bit_count(bit_or(1 << part)) AND ${agree.join(' AND ')} AS fits FROM records GROUP BY ${rowKey}) ` +
      `SELECT ${rowKey}, ${columns.join(', ')}, false AS differs FROM groups WHERE fits UNION ALL ` +
      `SELECT ${rowKey}, ${columns.join(', ')}, true FROM records ` +
      `WHERE ${rowKey} IN (SELECT ${rowKey} FROM groups WHERE NOT fits)`
    );
  },
  newest({ model }, records) {
    const columns = columnsOf(model);
    return (
      `WITH records AS NOT MATERIALIZED (${records}), ` +
      `contents AS (SELECT ${rowKey}, part, sum(hash(${columns})::HUGEINT) AS content FROM records GROUP BY ${rowKey}, part), ` +
      `newest AS (SELECT ${rowKey}, max(part) AS part, min(content) <> max(content) AS differs FROM contents GROUP BY ${rowKey}) ` +
      `SELECT ${rowKey}, ${columns}, differs FROM records JOIN newest USING (${rowKey}, part)`
    );
  },
};
