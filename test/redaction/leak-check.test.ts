import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import type { Treatment } from '../../src/redaction/treatments.js';
import { entry, failure, redact } from './support.js';

const { keyed, production } = builtInPolicies;
const broken = (changes: Record<string, Treatment>): RedactionPolicy => ({
  ...keyed,
  treatments: { ...keyed.treatments, ...changes },
});
const keep: Treatment = { kind: 'keep' };
const users = [
  { userId: '1:R', name: 'Noor Haddad', email: 'noor.haddad@example.com', hierarchyName: 'AE North' },
  { userId: '2:R', name: 'Al', email: '', hierarchyName: 'Al' },
];

describe('the leak check', () => {
  it('finds a policy that keeps names', async () => {
    const error = await failure(JSON.stringify({ entries: [], users }), {
      policy: broken({ 'forecast_users.name': keep }),
    });
    expect(error).toMatchObject({
      type: 'LeakFound',
      message: '1 value of forecast_users.name holds the name or e-mail of one of the export’s people.',
    });
  });

  it('finds a policy that keeps e-mails', async () => {
    const error = await failure(JSON.stringify({ entries: [], users }), {
      policy: broken({ 'forecast_users.email': keep }),
    });
    expect(error).toMatchObject({
      type: 'LeakFound',
      message: expect.stringContaining('looks like an e-mail address') as string,
    });
  });

  it('finds a name in another column, whatever its case and blanks, and says how often', async () => {
    const entries = [
      entry({ updatedBy: ' NOOR haddad\t' }),
      entry({ updatedBy: 'Noor Haddad', fieldId: 'b' }),
      entry({ updatedBy: 'Al', fieldId: 'c' }),
    ];
    const error = await failure(JSON.stringify({ entries, users }), {
      policy: broken({ 'forecast_entries.updated_by': keep }),
    });
    expect(error).toMatchObject({
      type: 'LeakFound',
      message: expect.stringMatching(/^2 values of forecast_entries.updated_by hold/) as string,
    });
  });

  it('finds names where nobody expects them, under the built-in policies', async () => {
    const titled = [{ ...users[0], hierarchyName: 'Noor Haddad' }];
    expect((await failure(JSON.stringify({ entries: [], users: titled }))).message).toContain(
      'forecast_users.hierarchy_name',
    );
    const fields = [{ fieldId: 'a', fieldName: 'ask jane.doe@example.org' }];
    expect((await failure(JSON.stringify({ entries: [], fields }))).message).toContain('forecast_fields.field_name');
    const entries = [entry({ userId: 'noor.haddad@example.com' })];
    const error = await failure(JSON.stringify({ entries, users: [{ userId: 'noor.haddad@example.com' }] }), {
      policy: production,
    });
    expect(error.message).toContain('forecast_entries.user_id');
  });

  it('finds the owner of a flat file', async () => {
    const entries = [{ ownerName: 'Noor Haddad', ownerEmail: 'n@x.example', forecastAmount: 1, timePeriod: '2027_Q1' }];
    const policy = broken({ 'forecast_entries.owner_name': keep });
    expect((await failure(JSON.stringify({ entries }), { policy })).message).toContain('forecast_entries.owner_name');
    const title = [{ ...entries[0], timePeriod: 'noor haddad' }];
    expect((await failure(JSON.stringify({ entries: title }))).message).toContain('forecast_entries.time_period_id');
  });

  it('lets short values, hashes and what is tagged pass', async () => {
    const policy = broken({ 'forecast_users.name': { kind: 'tag' }, 'forecast_users.email': { kind: 'brief-email' } });
    const { tables } = await redact(JSON.stringify({ entries: [], users }), { policy });
    expect(tables['forecast_users']?.map((row) => row['name'])).toEqual(['Noor Haddad', 'Al']);
  });
});
