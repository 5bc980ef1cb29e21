import { quoteIdentifier } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import type { ColumnModel, TableModel } from '../model/tables.js';
import { comparableSql, longEnoughSql, mayHoldNameSql, pairsSql, piecesSql, wordsSql } from './comparable-sql.js';
import type { DuckDbSession } from './duckdb-session.js';
import { confirmNames, confirmValues, type Finding } from './leak-confirm.js';
import { lookedTexts, type LookedTexts } from './looked-texts.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import { parquetSql, type ReadBack } from './read-back.js';
import { hasEmailSql, hasPhoneSql, mayHaveEmailSql } from './shapes-sql.js';
import { ownSources, treatedSources, type ExportFiles, type TreatedSource } from './treated-fields.js';
import { isTreatedSql, TreatedHashes, type MetHashes } from './treated-hashes.js';

export interface LeakCheckInput extends ExportFiles {
  readonly policy: RedactionPolicy;
  /** A private folder for hashes on their way. */
  readonly scratch: string;
  /** Hashes that are in memory at once. Default a million. */
  readonly mostAtOnce?: number;
}

/** A column that is looked at, and its place in the statements. */
interface Looked {
  readonly column: ColumnModel;
  readonly name: string;
}

/**
 * Looks for what was not to land in what was written: raw values of the fields that the policy treats, names inside longer texts,
 * and whatever looks like an e-mail address. It reads the Parquet files and the file as Clari sent it, never the statements that made
 * the one of the other, so that it finds a wrong policy and wrong SQL alike. docs/policies.md has its rules.
 */
export class LeakCheck {
  readonly #session: DuckDbSession;
  readonly #input: LeakCheckInput;
  readonly #sources: readonly TreatedSource[];
  readonly #hashes: TreatedHashes;

  private constructor(
    session: DuckDbSession,
    input: LeakCheckInput,
    sources: readonly TreatedSource[],
    hashes: TreatedHashes,
  ) {
    this.#session = session;
    this.#input = input;
    this.#sources = sources;
    this.#hashes = hashes;
  }

  /** Reads the raw values. The help tables must be there (help-tables.ts). */
  static async prepare(session: DuckDbSession, input: LeakCheckInput): Promise<LeakCheck> {
    const sources = treatedSources(input.policy, input);
    const hashes = await TreatedHashes.gather(session, sources, input.scratch, input.mostAtOnce);
    return new LeakCheck(session, input, sources, hashes);
  }

  close(): Promise<void> {
    return this.#hashes.close();
  }

  /** @throws ExportError `LeakFound`, naming table, columns and counts */
  async table(model: TableModel, path: string, { filled }: Pick<ReadBack, 'filled'>): Promise<void> {
    const { policy } = this.#input;
    refuseDropped(policy, model, filled);
    const exceptions = policy.leakCheck?.exceptions ?? {};
    const looked = model.columns
      .filter(
        ({ name, type }) =>
          type === 'text' &&
          (filled.get(name) ?? 0) > 0 &&
          treatmentOf(policy, model.name, name).kind !== 'tag' &&
          !Object.hasOwn(exceptions, `${model.name}.${name}`),
      )
      .map((column): Looked => ({ column, name: quoteIdentifier(column.name) }));
    if (looked.length === 0) return;
    const doing = `looking for leaks in ${model.name}`;
    const texts = await lookedTexts(
      this.#session,
      doing,
      path,
      looked.map(({ name }) => name),
    );
    const { findings, worded } = await this.#shapes(doing, { path, texts: texts.relation, looked });
    const ofWords = worded.map((one) => looked.indexOf(one));
    const passes = await this.#hashes.passesFor(hashesOf(texts, looked, ofWords));
    for (const load of passes) {
      await load();
      const whole = await this.#hits(doing, valueHashes(texts.relation), looked);
      const values = await this.#confirmed(confirmValues, model, path, whole);
      // What is a name as a whole has it among its words too.
      const others = worded.filter(({ column }) => values.every((finding) => finding.column !== column.name));
      const places = others.map((one) => looked.indexOf(one));
      const named = places.length === 0 ? [] : await this.#hits(doing, pairHashes(texts.relation, places), looked);
      const names = await this.#confirmed(confirmNames, model, path, named);
      findings.push(...values, ...names);
    }
    if (findings.length > 0) throw new ExportError('LeakFound', sentencesOf(model.name, findings));
  }

  /** What looks like an e-mail address, or a phone number; and the columns in which there may be several words. */
  async #shapes(
    doing: string,
    { path, texts, looked }: { readonly path: string; readonly texts: string; readonly looked: readonly Looked[] },
  ): Promise<{ readonly findings: Finding[]; readonly worded: readonly Looked[] }> {
    const signs = await this.#session.rows(
      doing,
      `SELECT place, bool_or(${mayHaveEmailSql('text')}) AS email, bool_or(${mayHoldNameSql('text')}) AS words FROM ${texts} GROUP BY place`,
    );
    const signed = (sign: 'email' | 'words'): Looked[] =>
      looked.filter((_, at) => signs.some((row) => Number(row['place']) === at && row[sign] === true));
    const phones = this.#input.policy.leakCheck?.phoneNumbers === true ? looked : [];
    const shapes = [
      ...signed('email').map((one) => ({ ...one, what: 'what looks like an e-mail address', has: hasEmailSql })),
      ...phones.map((one) => ({ ...one, what: 'what looks like a phone number', has: hasPhoneSql })),
    ];
    const findings: Finding[] = [];
    for (const { column, name, what, has } of shapes) {
      const counting = `SELECT count(*)::DOUBLE AS n FROM ${parquetSql(path)} WHERE ${has(name)}`;
      const { n } = await this.#session.row(doing, counting);
      if (Number(n) > 0) findings.push({ column: column.name, count: Number(n), what });
    }
    return { findings, worded: signed('words') };
  }

  /** Columns in which a hash of those in memory is. Two texts may share one, and a text may be there in its own right. */
  async #hits(doing: string, hashes: string, looked: readonly Looked[]): Promise<Looked[]> {
    const rows = await this.#session.rows(doing, `SELECT DISTINCT place FROM (${hashes}) WHERE ${isTreatedSql('h')}`);
    const places = new Set(rows.map(({ place }) => Number(place)));
    return looked.filter((_, at) => places.has(at));
  }

  async #confirmed(
    confirm: typeof confirmValues,
    model: TableModel,
    path: string,
    looked: readonly Looked[],
  ): Promise<Finding[]> {
    const { policy } = this.#input;
    const findings: Finding[] = [];
    for (const { column } of looked) {
      const { kind } = treatmentOf(policy, model.name, column.name);
      // Of what is treated, nothing stands anywhere in its own right.
      const own = kind === 'keep' || kind === 'known-user-id' ? ownSources(model.name, column.name, this.#input) : [];
      findings.push(
        ...(await confirm(this.#session, { table: model.name, column, path, sources: this.#sources, own })),
      );
    }
    return findings;
  }
}

/** What is dropped lands nowhere, whatever it is: amounts too, which are not looked for. @throws ExportError `LeakFound` */
function refuseDropped(
  policy: RedactionPolicy,
  { name: table, columns }: TableModel,
  filled: ReadBack['filled'],
): void {
  const findings = columns.flatMap(({ name: column }): Finding[] => {
    const count = filled.get(column) ?? 0;
    if (count === 0 || treatmentOf(policy, table, column).kind !== 'drop') return [];
    return [{ column, count, what: 'what the policy drops' }];
  });
  if (findings.length > 0) throw new ExportError('LeakFound', sentencesOf(table, findings));
}

/** Bytes of a text for each pair of neighbouring words in it, in texts of people. */
const PAIR_BYTES = 6;

/** The hashes of all that is looked at, where its texts are few. */
function hashesOf(
  { relation, few }: LookedTexts,
  looked: readonly Looked[],
  worded: readonly number[],
): MetHashes | undefined {
  if (few.size < looked.length) return undefined;
  const pairs = worded.length === 0 ? [] : [`SELECT h FROM (${pairHashes(relation, worded)})`];
  const values = [...few.values()].reduce((sum, { texts }) => sum + texts, 0);
  const words = worded.reduce((sum, place) => sum + (few.get(place)?.bytes ?? 0) / PAIR_BYTES, 0);
  return { query: [`SELECT h FROM (${valueHashes(relation)})`, ...pairs].join(' UNION ALL '), count: values + words };
}

const valueHashes = (texts: string): string =>
  `SELECT place, hash(${comparableSql('text')}) AS h FROM ${texts} WHERE ${longEnoughSql('text')}`;

function pairHashes(texts: string, places: readonly number[]): string {
  const worded = `SELECT place, ${comparableSql('text')} AS t FROM ${texts} WHERE place IN (${places.join(', ')}) AND ${mayHoldNameSql('text')}`;
  const words = `SELECT place, ${wordsSql('piece')} AS words FROM (SELECT place, unnest(${piecesSql('t')}) AS piece FROM (${worded}))`;
  return `SELECT place, unnest(${pairsSql('words')}) AS h FROM (${words})`;
}

/** A sentence for each column and what is in it, whichever pass found it. */
function sentencesOf(table: string, findings: readonly Finding[]): string {
  const counts = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.column} ${finding.what}`;
    counts.set(key, { ...finding, count: finding.count + (counts.get(key)?.count ?? 0) });
  }
  return [...counts.values()]
    .map(({ column, count, what }) => {
      const values = count === 1 ? '1 value' : `${count} values`;
      return `${values} of ${table}.${column} ${count === 1 ? 'holds' : 'hold'} ${what}.`;
    })
    .join(' ');
}
