import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { faultsOutsideProduction } from '../../src/redaction/environment-rule.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import type { Treatment } from '../../src/redaction/treatments.js';

const { keyed, production, brief } = builtInPolicies;

/** The columns that are named in the faults of the keyed policy with one column treated otherwise. */
function named(place: string, treatment: Treatment): string[] {
  const policy = { ...keyed, treatments: { ...keyed.treatments, [place]: treatment } };
  return faultsOutsideProduction(policy, 'staging').map((fault) => /\(([^)]*)\)/.exec(fault)?.[1] ?? '');
}

describe('outside production', () => {
  it.each<[string, Treatment]>([
    ['forecast_users.name', { kind: 'tag' }],
    ['forecast_users.email', { kind: 'keep' }],
    ['forecast_entries.owner_email', { kind: 'tag' }],
    ['forecast_entries.updated_by', { kind: 'tag' }],
    ['forecast_entries.updated_by', { kind: 'keep' }],
    ['forecast_entries.adjusted_by', { kind: 'keep' }],
    ['forecast_users.scope_id', { kind: 'keep' }],
    ['forecast_users.hierarchy_name', { kind: 'tag' }],
    ['forecast_entries.forecast_value', { kind: 'keep' }],
    ['forecast_entries.crm_closed', { kind: 'tag' }],
    ['forecast_entries.quota_value', { kind: 'bucket', step: 99 }],
    ['forecast_csv_values.user_name', { kind: 'tag' }],
    ['forecast_csv_values.data_value', { kind: 'tag' }],
    ['forecast_csv_values.amount', { kind: 'keep' }],
  ])('%s may not be treated by %j', (place, treatment) => {
    expect(named(place, treatment)).toEqual([place]);
  });

  it.each<[string, Treatment]>([
    ['forecast_users.name', { kind: 'mask' }],
    ['forecast_users.name', { kind: 'brief-name' }],
    ['forecast_users.email', { kind: 'drop' }],
    ['forecast_entries.updated_by', { kind: 'known-user-id' }],
    ['forecast_entries.adjusted_by', { kind: 'mask' }],
    ['forecast_users.scope_id', { kind: 'hmac', domain: 'id' }],
    ['forecast_users.crm_id', { kind: 'keep' }],
    ['forecast_entries.updated_on', { kind: 'tag' }],
    ['forecast_entries.quota_value', { kind: 'bucket', step: 100 }],
    ['forecast_entries.quota_value', { kind: 'drop' }],
  ])('%s may be treated by %j', (place, treatment) => {
    expect(named(place, treatment)).toEqual([]);
  });

  it.each([
    ['forecast_users.crm_id', ['forecast_users.crm_id']],
    ['forecast_fields.field_name', []],
  ])('what the leak check leaves out may be a name where it stands for a person: %s', (place, told) => {
    const policy: RedactionPolicy = {
      ...keyed,
      treatments: { ...keyed.treatments, [place]: { kind: 'keep' } },
      leakCheck: { phoneNumbers: false, exceptions: { [place]: 'it is a test of the rule' } },
    };
    expect(faultsOutsideProduction(policy, 'staging').map((fault) => /\(([^)]*)\)/.exec(fault)?.[1])).toEqual(told);
  });

  it('the built-in policies are what they are made for', () => {
    expect(faultsOutsideProduction(keyed, 'staging')).toEqual([]);
    expect(faultsOutsideProduction(brief, 'staging')).toEqual([]);
    expect(faultsOutsideProduction(production, 'staging')).toHaveLength(2);
  });

  it('what extends brief is not brief', () => {
    expect(faultsOutsideProduction({ ...brief, name: 'ours' }, 'staging')).toHaveLength(2);
  });
});
