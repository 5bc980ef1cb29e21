import type { DuckDbLimits } from '../duckdb/options.js';
import { quoteIdentifier } from '../duckdb/sql.js';
import { filledFields, rawName } from './columns-sql.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import { sourceTables } from './source-fields.js';
import { fieldsSql } from './source-sql.js';
import type { SplitFile } from './split-file.js';
import { hmacSql, normalisedSql } from './treatment-sql.js';
import { hashDomains, type HashDomain } from './treatments.js';

/**
 * Pseudonyms of the users that a file lists, made once: entries name the same people again and again, and a keyed hash takes DuckDB
 * ten times as long as to look one up. Whoever is not listed is hashed row by row.
 */
export interface KnownPseudonyms {
  /** Columns of `forecast_entries`, and how each is hashed. */
  readonly columns: ReadonlyMap<string, HashDomain>;
}

/** Entries from which on it pays, and so many for each user. */
const LEAST_ENTRIES = 10_000;
const ENTRIES_A_USER = 4;
/** What a text and its pseudonym take, in bytes: in their table, and once more in each join. */
const TEXT_BYTES = 150;
/** The part of DuckDB's memory that they may take. */
const MEMORY_PART = 0.5;
/** An entry has the id whole in one column; in the others perhaps its first part, or the name. */
const TEXTS_A_USER = 3;

export const NONE_KNOWN: KnownPseudonyms = { columns: new Map() };

/**
 * Which columns it pays for. Of one file whose users and entries are lists of their own, within the memory that is there, and where
 * rows need no order: a join puts those that it finds nothing for behind the others.
 */
export function knownPseudonyms(
  policy: RedactionPolicy,
  files: readonly SplitFile[],
  { memoryLimitMb, preserveInsertionOrder = false }: DuckDbLimits,
): KnownPseudonyms {
  const [file] = files;
  const users = file?.split.lists.get('users');
  const entries = file?.split.lists.get('entries');
  const least = Math.max(LEAST_ENTRIES, ENTRIES_A_USER * (users?.records ?? 0));
  if (preserveInsertionOrder || files.length !== 1 || !users || !entries || entries.records < least) return NONE_KNOWN;
  const source = sourceTables.find(({ table }) => table === 'forecast_entries');
  const columns = new Map(
    (source?.columns ?? []).flatMap((column): [string, HashDomain][] => {
      const treatment = treatmentOf(policy, 'forecast_entries', column.column);
      return treatment.kind === 'hmac' && filledFields(column, entries.census).length > 0
        ? [[column.column, treatment.domain]]
        : [];
    }),
  );
  const domains = new Set(columns.values()).size;
  const bytes = users.records * TEXTS_A_USER * (domains + columns.size) * TEXT_BYTES;
  return users.records > 0 && bytes <= memoryLimitMb * 1e6 * MEMORY_PART ? { columns } : NONE_KNOWN;
}

const tableName = (domain: HashDomain): string => `known_pseudonyms_${domain}`;

/** Statements that make the tables; they take the key's parameters. */
export function createKnownSql({ columns }: KnownPseudonyms, { split, pieces }: SplitFile): string[] {
  const census = split.lists.get('users')?.census;
  const fields = ['userId', 'name'].filter((name) => census?.isFilled(name));
  const users = fieldsSql(pieces.records('users'), fields);
  const texts = fields.map((field) => `SELECT ${quoteIdentifier(field)} AS text FROM ${users}`);
  if (census?.isFilled('userId')) texts.push(`SELECT split_part("userId", ':', 1) FROM ${users}`);
  if (texts.length === 0) texts.push('SELECT CAST(NULL AS VARCHAR) AS text');
  const used = new Set(columns.values());
  return hashDomains
    .filter((domain) => used.has(domain))
    .map(
      (domain) =>
        `CREATE TEMP TABLE ${tableName(domain)} AS SELECT text, ${hmacSql(normalisedSql('text', domain), domain)} AS pseudonym ` +
        `FROM (${texts.join(' UNION ')}) WHERE text IS NOT NULL`,
    );
}

const alias = (column: string): string => quoteIdentifier(`known ${column}`);

/** `landed`, a column's pseudonym as it is computed, only where it is not known. */
export const knownSql = (column: string, landed: string): string => `coalesce(${alias(column)}.pseudonym, ${landed})`;

export const knownJoinSql = ({ columns }: KnownPseudonyms): string =>
  [...columns]
    .map(
      ([column, domain]) =>
        ` LEFT JOIN ${tableName(domain)} AS ${alias(column)} ON ${alias(column)}.text = ${rawName(column)}`,
    )
    .join('');
