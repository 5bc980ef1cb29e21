import { quoteIdentifier } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import type { TableModel } from '../model/tables.js';
import type { DuckDbSession } from './duckdb-session.js';
import type { Treatment } from './treatments.js';
import { parquetSql } from './read-back.js';
import { trimmedSql } from './treatment-sql.js';

/** Hashes of the person values of this export: a table with the one column `h`. */
const HASHES = 'person_hashes';
/** Shorter values are too common to tell a leak from a coincidence. */
const MIN_LENGTH = 4;

/** Where raw person values are: relations with the columns they have. */
export interface PersonSource {
  readonly relation: string;
  readonly columns: readonly string[];
}

const comparable = (text: string): string => `lower(${trimmedSql(text)})`;

function personValuesSql(sources: readonly PersonSource[]): string {
  const parts = sources.flatMap(({ relation, columns }) =>
    columns.map((column) => `SELECT ${comparable(quoteIdentifier(column))} AS v FROM ${relation}`),
  );
  if (parts.length === 0) parts.push('SELECT CAST(NULL AS VARCHAR) AS v WHERE false');
  return `(SELECT v FROM (${parts.join(' UNION ALL ')}) WHERE length(v) >= ${MIN_LENGTH})`;
}

/**
 * Looks for people in what was written: no text column that the policy does not tag as personal may hold the name or e-mail
 * of one of this export's people, nor anything that looks like an e-mail address. Reads the Parquet files, not the plan, so that
 * it finds a wrong policy and wrong SQL alike.
 */
export class LeakCheck {
  readonly #session: DuckDbSession;
  readonly #sources: readonly PersonSource[];

  private constructor(session: DuckDbSession, sources: readonly PersonSource[]) {
    this.#session = session;
    this.#sources = sources;
  }

  static async prepare(session: DuckDbSession, sources: readonly PersonSource[]): Promise<LeakCheck> {
    await session.run(
      'preparing the leak check',
      `CREATE TEMP TABLE ${HASHES} AS SELECT DISTINCT hash(v) AS h FROM ${personValuesSql(sources)}`,
    );
    return new LeakCheck(session, sources);
  }

  /** @throws ExportError `LeakFound`, naming table, column and count */
  async table(model: TableModel, path: string, treatment: (column: string) => Treatment): Promise<void> {
    const columns = model.columns
      .filter(({ name, type }) => type === 'text' && treatment(name).kind !== 'tag')
      .map(({ name }) => name);
    if (columns.length === 0) return;
    const looks = columns.map((column, at) => {
      const name = quoteIdentifier(column);
      return (
        `count(*) FILTER (WHERE contains(${name}, '@') AND regexp_matches(${name}, '[^\\s@]@[^\\s@]+\\.[^\\s@]{2,}'))::DOUBLE AS e${at}, ` +
        `count(*) FILTER (WHERE length(${name}) >= ${MIN_LENGTH} AND hash(${comparable(name)}) IN (SELECT h FROM ${HASHES}))::DOUBLE AS p${at}`
      );
    });
    const row = await this.#session.row(
      `looking for leaks in ${model.name}`,
      `SELECT ${looks.join(', ')} FROM ${parquetSql(path)}`,
    );
    for (const [at, column] of columns.entries()) {
      const emails = Number(row[`e${at}`]);
      if (emails > 0) throw leak(model.name, column, emails, 'what looks like an e-mail address');
      if (Number(row[`p${at}`]) > 0) await this.#confirm(model.name, column, path);
    }
  }

  /** Two texts may share a hash: the hit counts if the texts are equal. */
  async #confirm(table: string, column: string, path: string): Promise<void> {
    const text = comparable(quoteIdentifier(column));
    const hit = `hash(t) IN (SELECT h FROM ${HASHES})`;
    const row = await this.#session.row(
      `confirming a leak in ${table}`,
      `WITH suspects AS MATERIALIZED (SELECT t, count(*) AS n FROM (SELECT ${text} AS t FROM ${parquetSql(path)}) WHERE ${hit} GROUP BY t) ` +
        `SELECT coalesce(sum(n), 0)::DOUBLE AS leaked FROM suspects WHERE t IN (SELECT v FROM ${personValuesSql(this.#sources)} ` +
        `WHERE hash(v) IN (SELECT hash(t) FROM suspects))`,
    );
    const leaked = Number(row['leaked']);
    if (leaked > 0) throw leak(table, column, leaked, 'the name or e-mail of one of the export’s people');
  }
}

function leak(table: string, column: string, count: number, what: string): ExportError {
  const values = count === 1 ? '1 value' : `${count} values`;
  return new ExportError('LeakFound', `${values} of ${table}.${column} ${count === 1 ? 'holds' : 'hold'} ${what}.`);
}
