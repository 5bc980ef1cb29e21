import { quoteIdentifier } from '../duckdb/sql.js';
import type { DuckDbSession, Parameters } from './duckdb-session.js';
import { createOwnersSql, ownerTreatments } from './flat-owners.js';
import type { ListName } from './lists.js';
import type { RedactionPolicy } from './policy.js';
import { fieldsSql } from './source-sql.js';
import type { SplitFile } from './split-file.js';
import type { FileShape } from './table-plan.js';
import { KNOWN_USER_IDS } from './treatment-sql.js';

interface HelpInput {
  readonly policy: RedactionPolicy;
  readonly shape: FileShape;
  readonly files: readonly SplitFile[];
  readonly parameters: Parameters;
}

/** Makes the tables that the tables' queries join to. They live in DuckDB's memory alone. */
export async function makeHelpTables(session: DuckDbSession, input: HelpInput): Promise<void> {
  const { files } = input;
  if (Object.values(input.policy.treatments).some(({ kind }) => kind === 'known-user-id')) {
    await session.run('listing user ids', knownUserIdsSql(files));
  }
  if (input.shape !== 'flat') return;
  const owners = files.flatMap(({ split, pieces }) => {
    const census = split.lists.get('entries')?.census;
    const filled = filledOf(split, 'entries', ['ownerEmail', 'ownerName']);
    if (census === undefined || filled.length === 0) return [];
    return [{ relation: fieldsSql(pieces.records('entries'), filled), census }];
  });
  await session.run('listing owners', createOwnersSql(owners, ownerTreatments(input.policy)), input.parameters);
}

/** A user's id, and its part before the role's. */
function knownUserIdsSql(files: readonly SplitFile[]): string {
  const create = `CREATE TEMP TABLE ${KNOWN_USER_IDS}`;
  const id = quoteIdentifier('userId');
  const ids = files.flatMap(({ split, pieces }) => {
    if (filledOf(split, 'users', ['userId']).length === 0) return [];
    const users = fieldsSql(pieces.records('users'), ['userId']);
    return [`SELECT ${id} AS id FROM ${users}`, `SELECT split_part(${id}, ':', 1) FROM ${users}`];
  });
  return ids.length === 0 ? `${create} (id VARCHAR)` : `${create} AS ${ids.join(' UNION ')}`;
}

function filledOf({ lists }: SplitFile['split'], list: ListName, names: readonly string[]): string[] {
  const census = lists.get(list)?.census;
  return names.filter((name) => census?.isFilled(name));
}
