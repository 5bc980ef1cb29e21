import { quoteIdentifier } from '../duckdb/sql.js';
import type { ColumnModel, Sensitivity } from '../model/tables.js';
import {
  comparableSql,
  joinedSql,
  longEnoughSql,
  mayHaveWordsSql,
  pairsSql,
  piecesSql,
  wordsSql,
  firstPairSql,
  headSql,
  mayHoldNameSql,
  turnedPairSql,
  turnedSql,
} from './comparable-sql.js';
import type { DuckDbSession, Row } from './duckdb-session.js';
import { parquetSql } from './read-back.js';
import type { TreatedField, TreatedSource } from './treated-fields.js';
import { isTreatedSql, mayBeName } from './treated-hashes.js';

/** So many values of a column hold `what`. */
export interface Finding {
  readonly column: string;
  readonly count: number;
  readonly what: string;
}

export interface Suspicion {
  readonly table: string;
  readonly column: ColumnModel;
  /** The Parquet file. */
  readonly path: string;
  readonly sources: readonly TreatedSource[];
  /** The column's own fields, as Clari sent them, where the policy keeps what they say. */
  readonly own: readonly { readonly relation: string; readonly text: string }[];
}

/** Texts of the column whose hash is among those in memory, and how many cells say so: `t`, `n`. */
const SUSPECTS = 'leak_suspects';

/**
 * Cells that hold a raw value as it is. Not a value that stands there in its own right: the column's own field says the same at
 * least as often, and is kept by the policy. But an e-mail address, or a name of several words, does so nowhere; and a name of one
 * word only where the model expects nobody.
 */
export async function confirmValues(session: DuckDbSession, suspicion: Suspicion): Promise<Finding[]> {
  const { table, column, path, sources, own } = suspicion;
  const doing = `confirming a leak in ${table}`;
  const name = quoteIdentifier(column.name);
  await session.run(
    doing,
    `CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS SELECT t, count(*) AS n FROM ` +
      `(SELECT ${comparableSql(name)} AS t FROM ${parquetSql(path)} WHERE ${longEnoughSql(name)}) ` +
      `WHERE ${isTreatedSql('hash(t)')} GROUP BY t`,
  );
  const suspected = `WHERE v IN (SELECT t FROM ${SUSPECTS})`;
  const fields = ranked(sources);
  const said = fields.map(
    ({ relation, field }, at) =>
      `SELECT v, ${at} AS field, ${mayBeName(field)} AS named, ${field.sensitivity === 'person'} AS person ` +
      `FROM (${comparableTexts(relation, field.text)}) ${suspected}`,
  );
  const kept = own.map(({ relation, text }) => `SELECT v FROM (${comparableTexts(relation, text)}) ${suspected}`);
  const ownSql =
    kept.length === 0
      ? `SELECT CAST(NULL AS VARCHAR) AS v, 0 AS n WHERE false`
      : `SELECT v, count(*) AS n FROM (${kept.join(' UNION ALL ')}) GROUP BY v`;
  const rows = await session.rows(
    doing,
    `WITH said AS (SELECT v, min(field) AS field, bool_or(named) AS named, bool_or(person) AS person FROM (${said.join(' UNION ALL ')}) GROUP BY v), ` +
      `own AS (${ownSql}) ` +
      `SELECT field, sum(suspect.n)::DOUBLE AS n FROM ${SUSPECTS} AS suspect JOIN said ON said.v = suspect.t LEFT JOIN own ON own.v = suspect.t ` +
      `WHERE coalesce(own.n, 0) < suspect.n OR (named AND regexp_matches(suspect.t, '[\\s\\pZ@]')) ` +
      `OR (person AND ${mayBeName(column)}) GROUP BY field ORDER BY n DESC`,
  );
  return findings(column, fields, rows, (field) => `a raw value of ${field}`);
}

/** Cells in which a name of several words stands among others, as it is or turned round. */
export async function confirmNames(session: DuckDbSession, suspicion: Suspicion): Promise<Finding[]> {
  const { table, column, path, sources } = suspicion;
  const doing = `confirming a leak in ${table}`;
  const name = quoteIdentifier(column.name);
  const cells = `SELECT ${comparableSql(name)} AS t FROM ${parquetSql(path)} WHERE ${mayHoldNameSql(name)}`;
  await session.run(
    doing,
    `CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS SELECT * FROM (SELECT cell, n, said, unnest(pairs) AS pair FROM ` +
      `(SELECT cell, n, ${joinedSql('words')} AS said, list_distinct(${pairsSql('words')}) AS pairs FROM ` +
      `(SELECT cell, n, ${wordsSql('piece')} AS words FROM ` +
      `(SELECT hash(t) AS cell, n, unnest(${piecesSql('t')}) AS piece FROM (SELECT t, count(*) AS n FROM (${cells}) GROUP BY t))))) ` +
      `WHERE ${isTreatedSql('pair')}`,
  );
  const fields = ranked(sources).filter(({ field }) => mayBeName(field));
  const names = fields.map(
    ({ relation, field }, at) =>
      `SELECT ${at} AS field, unnest([${firstPairSql('words')}, ${turnedPairSql('words')}]) AS pair, words FROM ` +
      `(SELECT ${wordsSql(headSql('v'))} AS words FROM (${comparableTexts(relation, field.text)}) WHERE ${mayHaveWordsSql('v')})`,
  );
  const rows = await session.rows(
    doing,
    `WITH names AS (SELECT field, pair, ${turnedSql('words')} AS ways FROM (SELECT min(field) AS field, pair, words FROM ` +
      `(${names.join(' UNION ALL ')}) WHERE pair IN (SELECT pair FROM ${SUSPECTS}) GROUP BY pair, words)), ` +
      `found AS (SELECT min(field) AS field, cell, any_value(n) AS n FROM ${SUSPECTS} AS suspect JOIN names USING (pair) ` +
      `WHERE len(list_filter(names.ways, lambda way: contains(suspect.said, way))) > 0 GROUP BY cell) ` +
      `SELECT field, sum(n)::DOUBLE AS n FROM found GROUP BY field ORDER BY n DESC`,
  );
  return findings(column, fields, rows, (field) => `a name of ${field} among other words`);
}

/** The texts of a field as `v`. */
const comparableTexts = (relation: string, text: string): string =>
  `SELECT ${comparableSql('t')} AS v FROM (SELECT ${text} AS t FROM ${relation})`;

interface Ranked {
  readonly relation: string;
  readonly field: TreatedField;
}

const ranks: Readonly<Record<Sensitivity, number>> = { person: 0, pseudonym: 1, role: 2, commercial: 3, none: 4 };

/** All fields, those first that say best whose value it is. */
function ranked(sources: readonly TreatedSource[]): Ranked[] {
  return sources
    .flatMap(({ relation, fields }) => fields.map((field): Ranked => ({ relation, field })))
    .sort((a, b) => ranks[a.field.sensitivity] - ranks[b.field.sensitivity]);
}

function findings(
  column: ColumnModel,
  fields: readonly Ranked[],
  rows: readonly Row[],
  what: (field: string) => string,
): Finding[] {
  return rows.map(({ field, n }) => ({
    column: column.name,
    count: Number(n),
    what: what(fields[Number(field)]?.field.name ?? ''),
  }));
}
