import { quoteIdentifier } from '../duckdb/sql.js';
import type { TableModel } from '../model/tables.js';
import type { Census } from './census.js';
import { nullOf } from './columns-sql.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import type { Treatment } from './treatments.js';
import { hmacSql, normalisedSql, treatedTextSql } from './treatment-sql.js';

/**
 * The distinct owners of a flat file, also nobody: `(email, name)` as they are, and what entries have of them as it lands, each made once:
 * `user_id` unless it is dropped, `owner_name` and `owner_email` where they are hashed.
 */
export const OWNERS = 'flat_owners';
const SOMEBODY = '(email IS NOT NULL OR name IS NOT NULL)';

/** How owners' columns are treated. */
export interface OwnerTreatments {
  /** `forecast_users.user_id`, and so the entries' too: otherwise the two would not always join. */
  readonly id: Treatment;
  /** By column of `forecast_entries`. */
  readonly entries: (column: OwnerColumn) => Treatment;
}

const ownerFields = { owner_name: 'name', owner_email: 'email' } as const;
type OwnerColumn = keyof typeof ownerFields;

export const ownerTreatments = (policy: RedactionPolicy): OwnerTreatments => ({
  id: treatmentOf(policy, 'forecast_users', 'user_id'),
  entries: (column) => treatmentOf(policy, 'forecast_entries', column),
});

function ownerField(census: Census, name: 'ownerEmail' | 'ownerName'): string {
  return census.isFilled(name) ? quoteIdentifier(name) : 'CAST(NULL AS VARCHAR)';
}

/** One text for the two, different for different ones. */
const bothSql = (email: string, name: string): string =>
  `coalesce(length(${email}) || ':' || ${email}, '-') || coalesce(length(${name}) || ':' || ${name}, '-')`;

/** Whose a flat entry is, as pseudonyms are made of it but without a key; null where it says nothing. */
export function ownerTextSql(census: Census): string {
  const email = normalisedSql(ownerField(census, 'ownerEmail'), 'email');
  const name = normalisedSql(ownerField(census, 'ownerName'), 'name');
  return `CASE WHEN ${email} IS NOT NULL OR ${name} IS NOT NULL THEN ${bothSql(email, name)} END`;
}

/** Columns of `forecast_entries` that the table of owners has. */
export function ownersColumns({ id, entries }: OwnerTreatments): ReadonlySet<string> {
  const hashed = (['owner_name', 'owner_email'] as const).filter((column) =>
    ['hmac', 'brief-name', 'brief-email'].includes(entries(column).kind),
  );
  return new Set([...(id.kind === 'drop' ? [] : ['user_id']), ...hashed]);
}

/** Makes the table of owners from the entries of all files. */
export function createOwnersSql(
  files: readonly { readonly relation: string; readonly census: Census }[],
  treatments: OwnerTreatments,
): string {
  const each = files.map(
    ({ relation, census }) =>
      `SELECT ${ownerField(census, 'ownerEmail')} AS email, ${ownerField(census, 'ownerName')} AS name FROM ${relation}`,
  );
  // Files without an owner have entries all the same.
  const all = ['SELECT CAST(NULL AS VARCHAR) AS email, CAST(NULL AS VARCHAR) AS name', ...each].join(' UNION ALL ');
  const made = ['email', 'name'];
  const columns = ownersColumns(treatments);
  for (const [column, field] of Object.entries(ownerFields)) {
    if (columns.has(column))
      made.push(`${treatedTextSql(field, treatments.entries(column as OwnerColumn))} AS ${column}`);
  }
  if (columns.has('user_id')) made.push(`${treatments.id.kind === 'hmac' ? keyedOwnerSql() : rankSql()} AS user_id`);
  return `CREATE TEMP TABLE ${OWNERS} AS SELECT ${made.join(', ')} FROM (SELECT DISTINCT email, name FROM (${all}))`;
}

/** Pseudonym of an owner: of the e-mail, or of the name where there is none. */
function keyedOwnerSql(): string {
  const byEmail = hmacSql(normalisedSql('email', 'email'), 'email');
  return `coalesce(${byEmail}, ${hmacSql(normalisedSql('name', 'name'), 'name')})`;
}

/** The rank follows a hash, so that it does not give the alphabetical order away. */
function rankSql(): string {
  const order = `CASE WHEN ${SOMEBODY} THEN md5(${bothSql('email', 'name')}) END`;
  return `CASE WHEN ${SOMEBODY} THEN 'owner-' || CAST(row_number() OVER (ORDER BY ${order} NULLS LAST) AS VARCHAR) END`;
}

/** What entries have of their owner, where the table of owners has it. */
export const ownerSql = (column: string): string => `owner.${quoteIdentifier(column)}`;

/** Every entry finds its owner, and so all keep their order. */
export function ownerJoinSql(census: Census): string {
  return (
    ` JOIN ${OWNERS} AS owner ON owner.email IS NOT DISTINCT FROM ${ownerField(census, 'ownerEmail')} ` +
    `AND owner.name IS NOT DISTINCT FROM ${ownerField(census, 'ownerName')}`
  );
}

/** The users that a flat file's owners stand for, one row for each `user_id`. */
export function flatUsersSql(model: TableModel, treatment: (column: string) => Treatment): string {
  const values = new Map(
    (['name', 'email'] as const)
      .filter((column) => treatment(column).kind !== 'drop')
      .map((column) => [column as string, treatedTextSql(column, treatment(column))]),
  );
  if (treatment('user_id').kind !== 'drop') values.set('user_id', 'user_id');
  const list = model.columns.map(
    (column) => `${values.get(column.name) ?? nullOf(column)} AS ${quoteIdentifier(column.name)}`,
  );
  // Two spellings of an e-mail are one pseudonym, and so one row: a second would double what joins to it.
  return `SELECT DISTINCT ${list.join(', ')} FROM ${OWNERS} WHERE ${SOMEBODY}`;
}
