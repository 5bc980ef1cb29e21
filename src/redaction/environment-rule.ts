import { redactedTables } from '../model/tables.js';
import { builtInPolicies } from './built-in-policies.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import type { Treatment } from './treatments.js';

/** A smaller step leaves an amount that tells its deal. */
export const SMALLEST_COARSE_STEP = 100;

/** Where tenants give what they like: a name instead of an id, or more than an id. */
const FREELY_FILLED: readonly string[] = [
  'forecast_entries.updated_by',
  'forecast_entries.adjusted_by',
  // An object as text, with the raw id of its person, by which a pseudonym beside it is undone.
  'forecast_users.scope_id',
];

/** Columns beside those of people that may hold names, and that the policy leaves as they are: unknown fields among them. */
export function keptFreely(policy: RedactionPolicy): string[] {
  const places = ['forecast_entries.updated_by', 'forecast_entries.adjusted_by', 'forecast_entries.extra'];
  return [...places, 'forecast_users.extra'].filter((place) => {
    const treatment = policy.treatments[place];
    return treatment !== undefined && landsAsItIs(treatment);
  });
}

const landsAsItIs = ({ kind }: Treatment): boolean => kind === 'keep' || kind === 'tag';
const landsExactly = (treatment: Treatment): boolean =>
  landsAsItIs(treatment) || (treatment.kind === 'bucket' && treatment.step < SMALLEST_COARSE_STEP);

/**
 * Why a policy is not for an environment other than production, one sentence for people and one for amounts; empty where it is.
 * The built-in brief policy is, as its users have it: its receipts say what it is.
 */
export function faultsOutsideProduction(policy: RedactionPolicy, environment: string): string[] {
  if (policy === builtInPolicies.brief) return [];
  const where = (
    lands: (text: boolean, sensitivity: string, treatment: Treatment, unguarded: boolean) => boolean,
  ): string =>
    redactedTables
      .flatMap(({ name: table, columns }) =>
        columns
          .filter(({ name, type, sensitivity }) =>
            lands(
              type === 'text',
              sensitivity,
              treatmentOf(policy, table, name),
              FREELY_FILLED.includes(`${table}.${name}`) ||
                Object.hasOwn(policy.leakCheck?.exceptions ?? {}, `${table}.${name}`),
            ),
          )
          .map(({ name }) => `${table}.${name}`),
      )
      .join(', ');
  // What is tagged may be a name, and so may what stands for a person: the leak check does not look there, or knows no such name.
  const people = where(
    (text, sensitivity, treatment, unguarded) =>
      (text && sensitivity !== 'commercial' && treatment.kind === 'tag') ||
      (sensitivity === 'person' && landsAsItIs(treatment)) ||
      (sensitivity === 'pseudonym' && unguarded && landsAsItIs(treatment)),
  );
  const amounts = where((_, sensitivity, treatment) => sensitivity === 'commercial' && landsExactly(treatment));
  const here = `and the environment "${environment}" is not production, where alone access is limited to those who may see them`;
  return [
    ...(people === ''
      ? []
      : [
          `the policy ${policy.name} lands what may be names or e-mails (${people}), ${here}: treat them by hmac, mask or drop, or take the policy keyed`,
        ]),
    ...(amounts === ''
      ? []
      : [
          `the policy ${policy.name} lands exact amounts (${amounts}), ${here}: treat them by bucket with a step of at least ` +
            `${SMALLEST_COARSE_STEP} or by drop, or take the policy keyed`,
        ]),
  ];
}
