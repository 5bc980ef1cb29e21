import { ExportError } from '../model/export-error.js';
import { redactedTables } from '../model/tables.js';
import type { RedactionPolicy } from './policy.js';
import type { Treatment } from './treatments.js';

const keep: Treatment = { kind: 'keep' };
const tag: Treatment = { kind: 'tag' };
const drop: Treatment = { kind: 'drop' };
const email: Treatment = { kind: 'hmac', domain: 'email' };
const id: Treatment = { kind: 'hmac', domain: 'id' };
const briefEmail: Treatment = { kind: 'brief-email' };
const briefName: Treatment = { kind: 'brief-name' };

/** Amounts outside production are coarse enough to tell no deal from another, and fine enough to work with. */
const coarse: Treatment = { kind: 'bucket', step: 1000 };

const isAmount = (type: string): boolean => type === 'decimal';

export interface BuiltInPolicy extends RedactionPolicy {
  /** One sentence for the documentation. */
  readonly description: string;
}

/** A treatment for every column: what `special` names, `money` for amounts, `others` for the rest. */
function treatments(
  special: Readonly<Record<string, Treatment>>,
  money: Treatment,
  extra: Treatment,
): Readonly<Record<string, Treatment>> {
  return Object.fromEntries(
    redactedTables.flatMap((table) =>
      table.columns.map((column): [string, Treatment] => {
        const place = `${table.name}.${column.name}`;
        const rest = isAmount(column.type) ? money : column.name === 'extra' ? extra : keep;
        return [place, special[place] ?? rest];
      }),
    ),
  );
}

/** Rows of a CSV name their person themselves, and no other table does. */
const csvTagged: Readonly<Record<string, Treatment>> = {
  'forecast_csv_values.user_name': tag,
  'forecast_csv_values.email': tag,
  'forecast_csv_values.crm_id': tag,
  'forecast_csv_values.role': tag,
  'forecast_csv_values.parent_role': tag,
  'forecast_csv_values.data_value': tag,
};

const keyed: BuiltInPolicy = {
  name: 'keyed',
  version: 1,
  description:
    'People become keyed pseudonyms that still join, names go, and amounts are coarse: for use outside production.',
  reversible: false,
  unknownFields: 'drop',
  treatments: treatments(
    {
      'forecast_entries.user_id': id,
      'forecast_entries.owner_name': drop,
      'forecast_entries.owner_email': drop,
      'forecast_entries.updated_by': id,
      'forecast_entries.adjusted_by': id,
      'forecast_users.user_id': id,
      'forecast_users.name': drop,
      'forecast_users.email': email,
      'forecast_users.crm_id': id,
      'forecast_users.scope_id': drop,
      'forecast_csv_values.user_name': drop,
      'forecast_csv_values.email': email,
      'forecast_csv_values.crm_id': id,
      'forecast_csv_values.data_value': drop,
    },
    coarse,
    drop,
  ),
};

const production: BuiltInPolicy = {
  name: 'production',
  version: 1,
  description:
    'People are kept, tagged, in forecast_users (and in the one table of a CSV) alone, amounts are exact: for an access-controlled warehouse.',
  reversible: false,
  unknownFields: 'drop',
  treatments: treatments(
    {
      'forecast_entries.owner_name': drop,
      'forecast_entries.owner_email': drop,
      // Many tenants give a display name here.
      'forecast_entries.updated_by': { kind: 'known-user-id' },
      'forecast_entries.adjusted_by': { kind: 'known-user-id' },
      'forecast_users.user_id': tag,
      'forecast_users.name': tag,
      'forecast_users.email': tag,
      'forecast_users.crm_id': tag,
      // Role titles can name the person.
      'forecast_users.hierarchy_name': tag,
      'forecast_users.parent_hierarchy_name': tag,
      'forecast_users.scope_id': tag,
      ...csvTagged,
    },
    tag,
    drop,
  ),
};

/** Compatibility with earlier extracts, whose hashes it repeats bit for bit. All else is left as it is, so that much of it may be personal. */
const brief: BuiltInPolicy = {
  name: 'brief',
  version: 1,
  description:
    'Names and e-mails become short unkeyed hashes, all else is kept: compatibility with earlier extracts only.',
  reversible: true,
  unknownFields: 'extra',
  treatments: treatments(
    {
      'forecast_entries.user_id': tag,
      'forecast_entries.owner_name': briefName,
      'forecast_entries.owner_email': briefEmail,
      'forecast_entries.updated_by': tag,
      'forecast_entries.adjusted_by': tag,
      'forecast_users.user_id': tag,
      'forecast_users.name': briefName,
      'forecast_users.email': briefEmail,
      'forecast_users.crm_id': tag,
      'forecast_users.hierarchy_name': tag,
      'forecast_users.parent_hierarchy_name': tag,
      'forecast_users.scope_id': tag,
      ...csvTagged,
      'forecast_csv_values.user_name': briefName,
      'forecast_csv_values.email': briefEmail,
    },
    tag,
    tag,
  ),
};

/** The policies that come with the package, by name. */
export const builtInPolicies = { keyed, production, brief } as const satisfies Record<string, BuiltInPolicy>;

export type BuiltInPolicyName = keyof typeof builtInPolicies;

export const builtInPolicyNames = Object.keys(builtInPolicies) as BuiltInPolicyName[];

/** @throws ExportError `PolicyRefused`, listing the built-in policies, when there is none of that name */
export function findPolicy(name: string): BuiltInPolicy {
  const found = builtInPolicyNames.find((candidate) => candidate === name);
  if (found !== undefined) return builtInPolicies[found];
  throw new ExportError(
    'PolicyRefused',
    `There is no policy of that name; the built-in ones are ${builtInPolicyNames.join(', ')}.`,
  );
}
