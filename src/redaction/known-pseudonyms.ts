import type { DuckDbLimits } from '../duckdb/options.js';
import { quoteIdentifier } from '../duckdb/sql.js';
import { filledFields, rawName } from './columns-sql.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import { sourceTables } from './source-fields.js';
import { fieldsSql } from './source-sql.js';
import type { SplitFile } from './split-file.js';
import { hmacSql, normalisedSql } from './treatment-sql.js';

/**
 * Pseudonyms of the users that a file lists, made once: entries name the same people again and again, and a keyed hash takes DuckDB
 * ten times as long as to look one up. Whoever is not listed is hashed row by row.
 */
export interface KnownPseudonyms {
  /** Columns of `forecast_entries`, and for each a query of texts that it may have with their pseudonyms: `(text, pseudonym)`. */
  readonly columns: ReadonlyMap<string, string>;
}

/** Entries from which on it pays, and so many for each user. */
const LEAST_ENTRIES = 10_000;
const ENTRIES_A_USER = 4;
/** What DuckDB takes to look up one text and its pseudonym, and what it takes while it makes them. */
const TEXT_BYTES = 200;
/** The part of DuckDB's memory that they may take. */
const MEMORY_PART = 0.5;

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
  if (preserveInsertionOrder || files.length !== 1 || !file || !users || !entries || entries.records < least)
    return NONE_KNOWN;
  const columns = new Map<string, string>();
  let texts = 0;
  const source = sourceTables.find(({ table }) => table === 'forecast_entries');
  for (const column of source?.columns ?? []) {
    const treatment = treatmentOf(policy, 'forecast_entries', column.column);
    if (treatment.kind !== 'hmac' || filledFields(column, entries.census).length === 0) continue;
    const listed = column.column === 'user_id' ? idsSql(file) : namesSql(file);
    if (listed.length === 0) continue;
    columns.set(
      column.column,
      `SELECT text, ${hmacSql(normalisedSql('text', treatment.domain), treatment.domain)} AS pseudonym ` +
        `FROM (SELECT DISTINCT text FROM (${listed.join(' UNION ALL ')}) WHERE text IS NOT NULL)`,
    );
    texts += users.records * listed.length;
  }
  return texts > 0 && texts * TEXT_BYTES <= memoryLimitMb * 1e6 * MEMORY_PART ? { columns } : NONE_KNOWN;
}

/** An entry has its user's id whole. */
const idsSql = (file: SplitFile): string[] => listedSql(file, 'userId', quoteIdentifier('userId'));

/** Elsewhere people stand by the first part of their id, or by name. */
const namesSql = (file: SplitFile): string[] => [
  ...listedSql(file, 'userId', `split_part("userId", ':', 1)`),
  ...listedSql(file, 'name', quoteIdentifier('name')),
];

function listedSql({ split, pieces }: SplitFile, field: 'userId' | 'name', text: string): string[] {
  if (split.lists.get('users')?.census.isFilled(field) !== true) return [];
  return [`SELECT ${text} AS text FROM ${fieldsSql(pieces.records('users'), [field])}`];
}

const alias = (column: string): string => quoteIdentifier(`known ${column}`);

/** `landed`, a column's pseudonym as it is computed, only where it is not known. */
export const knownSql = (column: string, landed: string): string => `coalesce(${alias(column)}.pseudonym, ${landed})`;

export const knownJoinSql = ({ columns }: KnownPseudonyms): string =>
  [...columns]
    .map(
      ([column, listed]) => ` LEFT JOIN (${listed}) AS ${alias(column)} ON ${alias(column)}.text = ${rawName(column)}`,
    )
    .join('');
