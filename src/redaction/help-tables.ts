import { quoteIdentifier } from '../duckdb/sql.js';
import type { DuckDbSession } from './duckdb-session.js';
import { createOwnersSql, OWNERS } from './flat-owners.js';
import type { PersonSource } from './leak-check.js';
import type { ListName } from './lists.js';
import type { Pieces } from './pieces.js';
import type { RedactionPolicy } from './policy.js';
import { fieldsSql } from './source-sql.js';
import type { SplitSummary } from './split/split-outline.js';
import type { Shape } from './table-plan.js';
import { KNOWN_USER_IDS } from './treatment-sql.js';

interface HelpInput {
  readonly policy: RedactionPolicy;
  readonly shape: Shape;
  readonly split: SplitSummary;
  readonly pieces: Pieces;
}

/** Makes the tables that the tables' queries join to, and says where raw names and e-mails are. They live in DuckDB's memory alone. */
export async function makeHelpTables(session: DuckDbSession, input: HelpInput): Promise<PersonSource[]> {
  if (Object.values(input.policy.treatments).some(({ kind }) => kind === 'known-user-id')) {
    await session.run('listing user ids', knownUserIdsSql(input));
  }
  if (input.shape === 'flat') {
    const census = input.split.lists.get('entries')?.census;
    const filled = filledOf(input, 'entries', ['ownerEmail', 'ownerName']);
    if (census !== undefined && filled.length > 0) {
      await session.run('listing owners', createOwnersSql(fieldsSql(input.pieces.path('entries'), filled), census));
      return [{ relation: OWNERS, columns: ['email', 'name'] }];
    }
    await session.run('listing owners', `CREATE TEMP TABLE ${OWNERS} (email VARCHAR, name VARCHAR, rank BIGINT)`);
    return [];
  }
  return [
    ...personSource(input, 'users', ['name', 'email']),
    ...personSource(input, 'entries', ['ownerName', 'ownerEmail']),
  ];
}

/** A user's id, and its part before the role's. */
function knownUserIdsSql(input: HelpInput): string {
  const create = `CREATE TEMP TABLE ${KNOWN_USER_IDS}`;
  if (filledOf(input, 'users', ['userId']).length === 0) return `${create} (id VARCHAR)`;
  const id = quoteIdentifier('userId');
  const users = fieldsSql(input.pieces.path('users'), ['userId']);
  return `${create} AS SELECT ${id} AS id FROM ${users} UNION SELECT split_part(${id}, ':', 1) FROM ${users}`;
}

function personSource(input: HelpInput, list: ListName, names: readonly string[]): PersonSource[] {
  const columns = filledOf(input, list, names);
  return columns.length === 0 ? [] : [{ relation: fieldsSql(input.pieces.path(list), columns), columns }];
}

function filledOf({ split }: HelpInput, list: ListName, names: readonly string[]): string[] {
  const fields = split.lists.get(list)?.census.fields;
  return names.filter((name) => (fields?.get(name)?.values ?? 0) > 0);
}
