import { quoteIdentifier } from '../duckdb/sql.js';
import type { TableModel } from '../model/tables.js';
import type { Census } from './census.js';
import { nullOf } from './columns-sql.js';
import type { Treatment } from './treatments.js';
import { hmacSql, normalisedSql, treatedTextSql } from './treatment-sql.js';

/** The distinct owners of a flat file, with a rank: `(email, name, rank)`. */
export const OWNERS = 'flat_owners';

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

/** Makes the table of owners from the entries of all files. The rank follows a hash, so that it does not give the alphabetical order away. */
export function createOwnersSql(files: readonly { readonly relation: string; readonly census: Census }[]): string {
  const create = `CREATE TEMP TABLE ${OWNERS}`;
  if (files.length === 0) return `${create} (email VARCHAR, name VARCHAR, rank BIGINT)`;
  const owners = files.map(
    ({ relation, census }) =>
      `SELECT ${ownerField(census, 'ownerEmail')} AS email, ${ownerField(census, 'ownerName')} AS name FROM ${relation}`,
  );
  return (
    `${create} AS SELECT email, name, row_number() OVER (ORDER BY md5(${bothSql('email', 'name')})) AS rank ` +
    `FROM (SELECT DISTINCT email, name FROM (${owners.join(' UNION ALL ')})) WHERE email IS NOT NULL OR name IS NOT NULL`
  );
}

/** Pseudonym of an owner: of the e-mail, or of the name where there is none. */
function keyedOwnerSql(email: string, name: string): string {
  const byEmail = hmacSql(normalisedSql(email, 'email'), 'email');
  return `coalesce(${byEmail}, ${hmacSql(normalisedSql(name, 'name'), 'name')})`;
}

const ranked = (rank: string): string => `'owner-' || CAST(${rank} AS VARCHAR)`;

/** `user_id` of a flat entry; `users` is the treatment of forecast_users.user_id, so that the two always join. */
export function ownerIdSql(users: Treatment, census: Census): string {
  if (users.kind === 'drop') return 'CAST(NULL AS VARCHAR)';
  if (users.kind !== 'hmac') return ranked('owner.rank');
  return keyedOwnerSql(ownerField(census, 'ownerEmail'), ownerField(census, 'ownerName'));
}

export function ownerJoinSql(users: Treatment, census: Census): string {
  if (users.kind === 'hmac' || users.kind === 'drop') return '';
  return (
    ` LEFT JOIN ${OWNERS} AS owner ON owner.email IS NOT DISTINCT FROM ${ownerField(census, 'ownerEmail')} ` +
    `AND owner.name IS NOT DISTINCT FROM ${ownerField(census, 'ownerName')}`
  );
}

/** The users that a flat file's owners stand for, one row for each `user_id`. */
export function flatUsersSql(model: TableModel, treatment: (column: string) => Treatment): string {
  const ids = treatment('user_id');
  const values = new Map<string, string>([
    [
      'user_id',
      ids.kind === 'drop'
        ? 'CAST(NULL AS VARCHAR)'
        : ids.kind === 'hmac'
          ? keyedOwnerSql('email', 'name')
          : ranked('rank'),
    ],
    ['name', treatment('name').kind === 'drop' ? 'CAST(NULL AS VARCHAR)' : treatedTextSql('name', treatment('name'))],
    [
      'email',
      treatment('email').kind === 'drop' ? 'CAST(NULL AS VARCHAR)' : treatedTextSql('email', treatment('email')),
    ],
  ]);
  const list = model.columns.map(
    (column) => `${values.get(column.name) ?? nullOf(column)} AS ${quoteIdentifier(column.name)}`,
  );
  // Two spellings of an e-mail are one pseudonym, and so one row: a second would double what joins to it.
  return `SELECT DISTINCT ${list.join(', ')} FROM ${OWNERS}`;
}
