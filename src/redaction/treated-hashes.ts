import type { NamelessFile } from '../duckdb/nameless-file.js';
import {
  comparableSql,
  firstPairSql,
  headSql,
  longEnoughSql,
  mayHaveWordsSql,
  turnedPairSql,
  wordsSql,
} from './comparable-sql.js';
import { copyRows } from './copy-table.js';
import type { DuckDbSession } from './duckdb-session.js';
import { temporary } from './join-parts.js';
import { parquetSql } from './read-back.js';
import type { TreatedField, TreatedSource } from './treated-fields.js';

/**
 * Hashes that are in memory at once: some 100 bytes each while DuckDB sorts out the distinct ones, less while it looks for them, and so
 * 100 MB of the memory that it may take. More wait for passes of their own.
 */
const MOST_AT_ONCE = 1_000_000;
/** Of hashes that are looked for among the others, so many times as many: they need not be sorted out. */
const MET_AT_ONCE = 2;
/** How far DuckDB's estimate of distinct values may be off. */
const MARGIN = 1.25;

/** The hashes of a pass: a table of this name with the one column `h`. */
const HASHES = 'treated_hashes';

/** A condition: whether a hash is one of those in memory. */
export const isTreatedSql = (hash: string): string => `${hash} IN (SELECT h FROM ${HASHES})`;

export interface MetHashes {
  /** Gives them as `h`. */
  readonly query: string;
  /** About so many. */
  readonly count: number;
}

/**
 * 64-bit hashes of all raw values that may stand nowhere, and of two pairs of words of each name: the
 * first two, and the last with the first. They are on disk, in files without
 * names, and as many in memory as it has room for.
 */
export class TreatedHashes {
  readonly #session: DuckDbSession;
  readonly #files: readonly NamelessFile[];
  readonly #all: string;
  readonly #mostAtOnce: number;
  #passes: number | undefined;
  #loaded: number | undefined;

  private constructor(session: DuckDbSession, files: readonly NamelessFile[], all: string, mostAtOnce: number) {
    this.#session = session;
    this.#files = files;
    this.#all = all;
    this.#mostAtOnce = mostAtOnce;
  }

  /** Reads all raw values once. @param scratch a private folder */
  static async gather(
    session: DuckDbSession,
    sources: readonly TreatedSource[],
    scratch: string,
    mostAtOnce: number = MOST_AT_ONCE,
  ): Promise<TreatedHashes> {
    const files: NamelessFile[] = [];
    try {
      const columns: string[] = [];
      const remembered = rememberedOf(sources);
      if (remembered) await session.run('listing what is treated', remembered.create);
      for (const source of sources) {
        const file = await temporary(scratch);
        files.push(file);
        const known = remembered !== undefined && source.records > remembered.records;
        await copyRows(session, 'hashing what is treated', hashesSql(source, known), file.path);
        for (const name of namesOf(source)) columns.push(`SELECT ${name} AS h FROM ${parquetSql(file.path)}`);
      }
      if (remembered) await session.run('listing what is treated', `DROP TABLE ${REMEMBERED}`);
      return new TreatedHashes(session, files, columns.join(' UNION ALL '), mostAtOnce);
    } catch (error) {
      for (const file of files) await file.close();
      throw error;
    }
  }

  /**
   * Passes after which every hash has been in memory that may be met, each to be loaded in place of the one before: none where nothing
   * is treated.
   * @param met the hashes `h` that are looked at: where they are few enough to be in memory themselves, one pass does, with those alone
   * that are among them
   */
  async passesFor(met: MetHashes | undefined): Promise<readonly (() => Promise<void>)[]> {
    if (this.#all === '') return [];
    if (met !== undefined && met.count <= MET_AT_ONCE * this.#mostAtOnce)
      return [() => this.#load(undefined, `h IN (${met.query})`)];
    this.#passes ??= Math.ceil(((await estimated(this.#session, this.#all)) * MARGIN) / this.#mostAtOnce);
    const passes = this.#passes;
    return Array.from({ length: passes }, (_, pass) => () => this.#load(pass, `h % ${passes} = ${pass}`));
  }

  async #load(pass: number | undefined, condition: string): Promise<void> {
    if (pass !== undefined && this.#loaded === pass) return;
    this.#loaded = undefined;
    await this.#session.run(
      'gathering the hashes of what is treated',
      `CREATE OR REPLACE TEMP TABLE ${HASHES} AS SELECT DISTINCT h FROM (${this.#all}) WHERE ${condition}`,
    );
    this.#loaded = pass;
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }
}

/** Texts whose hashes are gathered, for leaving them out where they stand again: a table of this name with the one column `text`. */
const REMEMBERED = 'remembered_texts';
const MOST_REMEMBERED = 400_000;
/** Of a list of people: their ids and names. */
const REMEMBERED_FIELDS = 2;
/** Rows of the longest list for each of those whose texts are remembered, from which on it pays. */
const ROWS_A_TEXT = 4;

/** Entries name the same people again and again, and to see that takes a fifth of the time that hashing a text takes. */
function rememberedOf(
  sources: readonly TreatedSource[],
): { readonly create: string; readonly records: number } | undefined {
  const most = Math.max(...sources.map(({ records }) => records));
  const people = sources
    .map((source) => ({ ...source, fields: source.fields.filter(mayBeName).slice(0, REMEMBERED_FIELDS) }))
    .filter(({ fields, records }) => fields.length > 0 && records * fields.length * ROWS_A_TEXT <= most)
    .sort((one, other) => other.records - one.records)
    .find(({ fields, records }) => records * fields.length <= MOST_REMEMBERED);
  if (people === undefined) return undefined;
  const { relation, fields, records } = people;
  const texts = fields.map(({ text }) => `SELECT ${text} AS text FROM ${relation}`).join(' UNION ');
  return { create: `CREATE TEMP TABLE ${REMEMBERED} AS SELECT text FROM (${texts}) WHERE text IS NOT NULL`, records };
}

async function estimated(session: DuckDbSession, all: string): Promise<number> {
  const { n } = await session.row(
    'counting what is treated',
    `SELECT approx_count_distinct(h)::DOUBLE AS n FROM (${all})`,
  );
  return Number(n);
}

/** Pseudonyms too: many tenants give a display name where an id should be. */
export const mayBeName = ({ sensitivity }: Pick<TreatedField, 'sensitivity'>): boolean =>
  sensitivity === 'person' || sensitivity === 'pseudonym';

function namesOf({ fields }: TreatedSource): string[] {
  return fields.flatMap((field, at) => (mayBeName(field) ? [`h${at}`, `w${at}`, `x${at}`] : [`h${at}`]));
}

function hashesSql({ relation, fields }: TreatedSource, known: boolean): string {
  const each = (part: (field: TreatedField, at: number) => string | undefined): string =>
    fields
      .map(part)
      .filter((sql) => sql !== undefined)
      .join(', ');
  const texts = each((field, at) => {
    const again = `${field.text} IN (SELECT text FROM ${REMEMBERED})`;
    return `${known && mayBeName(field) ? `CASE WHEN NOT (${again}) THEN ${field.text} END` : field.text} AS t${at}`;
  });
  const comparable = each((_, at) => `${comparableSql(`t${at}`)} AS v${at}`);
  const words = each((field, at) =>
    mayBeName(field)
      ? `CASE WHEN ${mayHaveWordsSql(`v${at}`)} THEN ${wordsSql(headSql(`v${at}`))} END AS words${at}`
      : undefined,
  );
  const hashes = each((field, at) => {
    const hash = `CASE WHEN ${longEnoughSql(`v${at}`)} THEN hash(v${at}) END AS h${at}`;
    if (!mayBeName(field)) return hash;
    return `${hash}, ${firstPairSql(`words${at}`)} AS w${at}, ${turnedPairSql(`words${at}`)} AS x${at}`;
  });
  const withWords = words === '' ? '*' : `*, ${words}`;
  return `SELECT ${hashes} FROM (SELECT ${withWords} FROM (SELECT ${comparable} FROM (SELECT ${texts} FROM ${relation})))`;
}
