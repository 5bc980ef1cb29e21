import { describe, expect, it } from 'vitest';
import { builtInPolicies, findPolicy } from '../../src/redaction/built-in-policies.js';
import { checkPolicy, policyMark } from '../../src/redaction/policy.js';
import {
  briefEmail,
  briefName,
  oracleBrief,
  oracleEntry,
  oracleKeyed,
  oracleProduction,
  oracleUser,
  pseudonym,
} from './oracle.js';
import { sample } from './sample.js';
import { entry, redact } from './support.js';

const { keyed, production, brief } = builtInPolicies;
const data = sample(7);
const files = {
  compact: JSON.stringify(data),
  indented: JSON.stringify(data, null, 2),
  'with a byte order mark and other order': `\uFEFF${JSON.stringify(Object.fromEntries(Object.entries(data).reverse()))}`,
  'with escaped keys': JSON.stringify(data)
    .replaceAll('"name":', '"na\\u006de":')
    .replaceAll('"email":', '"\\u0065mail":')
    .replaceAll('"entries":', '"entr\\u0069es":')
    .replaceAll('"forecastValue":', '"forecast\\u0056alue":'),
};

describe('the built-in policies agree with an oracle over JSON.parse', () => {
  for (const [how, file] of Object.entries(files)) {
    it.each([
      ['keyed', keyed, oracleKeyed],
      ['production', production, oracleProduction(data.users)],
      ['brief', brief, oracleBrief],
    ] as const)(`${how}: %s`, async (_, policy, oracle) => {
      const { tables, result } = await redact(file, { policy, chunk: 777 });
      expect(result.shape).toBe('five-lists');
      expect(tables['forecast_entries']).toEqual(data.entries.map((record) => oracleEntry(record, oracle)));
      expect(tables['forecast_users']).toEqual(data.users.map((record) => oracleUser(record, oracle)));
      expect(tables['forecast_fields']?.[1]).toEqual({
        field_id: 'fc_1',
        field_name: 'Best "case"',
        field_type: null,
        extra: null,
      });
      expect(tables['forecast_time_periods']?.[0]).toMatchObject({
        year: '2027',
        start_date: '2026-10-01',
        end_date: '2026-12-31',
      });
      expect(tables['forecast_time_frames']?.length).toBe(1);
      expect(result.typesSeen).toEqual([
        'forecast',
        'quota',
        'forecast_updated',
        'adjustment',
        'crm_total',
        'crm_closed',
      ]);
      expect(result.timePeriods).toEqual(['2027_Q2']);
      expect(result.currencies).toEqual(['EUR', 'USD']);
    });
  }

  it('time periods are told where they look like one, and not where they may be a name', async () => {
    const entries = ['2027_Q2', 'FY27 Q3', 'Ann Example'].map((timePeriodId) => entry({ timePeriodId }));
    const { result } = await redact(JSON.stringify({ entries }));
    expect(result.timePeriods).toEqual(['(other)', '2027_Q2', 'FY27 Q3']);
  });

  it('keyed: entries join to users by pseudonym, and e-mails that differ in case and blanks are one', async () => {
    const users = [
      { userId: '1:R', email: 'Ann@Example.com' },
      { userId: '2:R', email: ' ann@example.COM\n' },
    ];
    const { tables } = await redact(JSON.stringify({ entries: [entry(), entry({ userId: '2:R' })], users }));
    const [a, b] = tables['forecast_users'] ?? [];
    expect(tables['forecast_entries']?.map((row) => row['user_id'])).toEqual([a?.['user_id'], b?.['user_id']]);
    expect(a?.['email']).toBe(b?.['email']);
    expect(a?.['user_id']).not.toBe(b?.['user_id']);
  });

  it('keyed: unknown fields are not landed, and reported without odd names', async () => {
    const entries = [
      entry({ secretNote: 'x', 'jane@example.com': 1, currency: { code: 'USD', rate: 2 } }),
      entry({ secretNote: 'y', userId: '2:R' }),
    ];
    const { result, tables } = await redact(
      JSON.stringify({ entries, users: [{ userId: '1:R', phone: '1' }], versions: [1, 2], total: 4 }),
    );
    expect(result.droppedFields).toEqual([
      { table: '(file)', field: 'versions', records: 2 },
      { table: 'forecast_entries', field: 'secretNote', records: 2 },
      { table: '(file)', field: 'total', records: 1 },
      { table: 'forecast_entries', field: '(name not shown)', records: 1 },
      { table: 'forecast_entries', field: 'currency.rate', records: 1 },
      { table: 'forecast_users', field: 'phone', records: 1 },
    ]);
    expect(JSON.stringify(tables)).not.toContain('jane');
  });

  it.each(['keyed', 'production', 'brief'] as const)('%s: a field without a name is no fault', async (name) => {
    const fields = [{ fieldId: 'a', '': 'somebody', other: 'somebody' }];
    const { tables, result } = await redact(JSON.stringify({ entries: [], fields }), { policy: builtInPolicies[name] });
    expect(result.droppedFields.map(({ records }) => records)).toEqual(name === 'brief' ? [] : [1, 1]);
    const extra = name === 'brief' ? '{"":"somebody","other":"somebody"}' : null;
    expect(tables['forecast_fields']).toEqual([expect.objectContaining({ field_id: 'a', extra })]);
  });

  it('production: a display name in updatedBy is left out and counted', async () => {
    const entries = [
      entry({ updatedBy: 'Noor Haddad' }),
      entry({ updatedBy: '1', userId: '2:R' }),
      entry({ adjustedBy: '1:R', fieldId: 'x' }),
    ];
    const { result, tables } = await redact(
      JSON.stringify({ entries, users: [{ userId: '1:R', name: 'Noor Haddad' }] }),
      { policy: production },
    );
    expect(tables['forecast_entries']?.map((row) => [row['updated_by'], row['adjusted_by']])).toEqual([
      [null, null],
      ['1', null],
      [null, '1:R'],
    ]);
    expect(result.droppedFields).toEqual([{ table: 'forecast_entries', field: 'updatedBy', records: 1 }]);
    expect(result.key).toBeNull();
  });

  it('brief: unknown fields land in extra as they stand, empty texts are hashed, missing ones stay missing', async () => {
    const unknown = { Name: 'kept', note: null, deep: { a: [1, { b: 'ü' }] }, "quo'te": 'x', n: 1.5 };
    const users = [{ userId: '1:R', name: '', email: '', ...unknown }, { userId: '2:R' }];
    const { tables, result } = await redact(
      JSON.stringify({ entries: [entry({ currency: { code: 'USD', rate: 2 } })], users }).replace(
        '"note"',
        '"no\\u0074e"',
      ),
      { policy: brief },
    );
    const [first, second] = tables['forecast_users'] ?? [];
    expect(first).toMatchObject({ name: briefName(''), email: briefEmail('') });
    expect(JSON.parse(String(first?.['extra']))).toEqual(unknown);
    expect(second).toMatchObject({ name: null, email: null, extra: null });
    expect(JSON.parse(String(tables['forecast_entries']?.[0]?.['extra']))).toEqual({
      currency: { code: 'USD', rate: 2 },
    });
    expect(tables['forecast_entries']?.[0]?.['currency_code']).toBe('USD');
    expect(result.droppedFields).toEqual([]);
    expect(result.policy.reversible).toBe(true);
  });
});

describe('a flat file', () => {
  const owners: { ownerName?: string; ownerEmail?: string }[] = [
    { ownerName: 'Noor Haddad', ownerEmail: 'noor@example.com' },
    { ownerName: 'Tomas Lind', ownerEmail: 'tomas@example.com' },
    { ownerName: 'Noor Haddad', ownerEmail: 'noor.haddad@example.com' },
    { ownerName: 'Nameless Mail' },
  ];
  const entries = Array.from({ length: 30 }, (_, at) => ({
    ...owners[at % owners.length],
    forecastAmount: at * 1000.25,
    quotaAmount: 5000,
    adjustmentAmount: -1,
    crmTotal: 7,
    crmClosed: 0.5,
    timePeriod: '2027_Q2',
    currency: 'USD',
  }));
  const file = JSON.stringify({ entries });

  it('keyed: owners become users by the pseudonym of their e-mail, or of their name', async () => {
    const { tables, result } = await redact(file);
    expect(result.shape).toBe('flat');
    const id = (owner: { ownerName?: string; ownerEmail?: string }): string | null =>
      owner.ownerEmail === undefined ? pseudonym('name', owner.ownerName) : pseudonym('email', owner.ownerEmail);
    expect(tables['forecast_entries']?.map((row) => row['user_id'])).toEqual(entries.map(id));
    expect(new Set(tables['forecast_users']?.map((row) => row['user_id']))).toEqual(new Set(owners.map(id)));
    expect(tables['forecast_users']?.every((row) => row['name'] === null)).toBe(true);
    expect(tables['forecast_entries']?.[1]).toMatchObject({
      forecast_value: '1000.000000000',
      quota_value: '5000.000000000',
      adjustment_value: '0.000000000',
      currency_code: 'USD',
      currency_symbol: null,
      time_period_id: '2027_Q2',
      owner_name: null,
      owner_email: null,
    });
    expect(result.tables.map(({ table, read, rows, duplicates }) => [table, read, rows, duplicates])).toEqual([
      ['forecast_entries', 30, 30, 0],
      ['forecast_users', 4, 4, 0],
      ['forecast_fields', 0, 0, 0],
      ['forecast_time_periods', 0, 0, 0],
      ['forecast_time_frames', 0, 0, 0],
    ]);
    expect(result.droppedFields).toEqual([]);
  });

  it.each([
    ['production', production, (email: unknown) => email ?? null, (name: unknown) => name ?? null],
    ['brief', brief, briefEmail, briefName],
  ] as const)('%s: owners become numbered users that the entries join to', async (policyName, policy, email, name) => {
    const { tables } = await redact(file, { policy });
    const users = new Map(tables['forecast_users']?.map((row) => [row['user_id'], row]));
    expect([...users.keys()].sort()).toEqual(['owner-1', 'owner-2', 'owner-3', 'owner-4']);
    for (const [at, row] of (tables['forecast_entries'] ?? []).entries()) {
      const owner = entries[at];
      expect(users.get(row['user_id'] ?? '')).toMatchObject({
        email: email(owner?.ownerEmail),
        name: name(owner?.ownerName),
      });
      expect(row['forecast_value']).toBe((at * 1000.25).toFixed(9));
      const landed = policyName === 'brief' ? [email(owner?.ownerEmail), name(owner?.ownerName)] : [null, null];
      expect([row['owner_email'], row['owner_name']]).toEqual(landed);
    }
  });

  it('lands without owners', async () => {
    const { tables, result } = await redact(
      JSON.stringify({ entries: [{ forecastAmount: 1, timePeriod: '2027_Q1' }] }),
      { policy: production },
    );
    expect(result.shape).toBe('flat');
    expect(tables['forecast_entries']?.[0]).toMatchObject({
      user_id: null,
      time_period_id: '2027_Q1',
      forecast_value: '1.000000000',
    });
    expect(tables['forecast_users']).toEqual([]);
  });

  it('has its fields taken from a five-list entry too', async () => {
    const { tables, result } = await redact(
      JSON.stringify({ entries: [entry({ forecastAmount: 12.5, quotaValue: 1 })], users: [{ userId: '1:R' }] }),
      { policy: production },
    );
    expect(result.shape).toBe('five-lists');
    expect(tables['forecast_entries']?.[0]).toMatchObject({ forecast_value: '12.500000000', user_id: '1:R' });
    expect(result.droppedFields).toEqual([]);
  });
});

describe('a policy', () => {
  it('is found by name, or the built-in names are told', () => {
    expect(findPolicy('keyed')).toBe(keyed);
    expect(() => findPolicy('toString')).toThrow(/keyed, production, brief/);
  });

  it('needs a treatment for every column, and none for others', () => {
    for (const policy of Object.values(builtInPolicies)) expect(() => checkPolicy(policy)).not.toThrow();
    const { 'forecast_users.name': _, ...rest } = keyed.treatments;
    expect(() => checkPolicy({ ...keyed, treatments: rest })).toThrow(/no treatment for forecast_users.name/);
    expect(() =>
      checkPolicy({ ...keyed, treatments: { ...keyed.treatments, 'forecast_users.nme': { kind: 'drop' } } }),
    ).toThrow(/nme/);
    const odd = { ...keyed.treatments, 'forecast_users.name': { kind: 'bucket', step: 10 } as const };
    expect(() => checkPolicy({ ...keyed, treatments: odd })).toThrow(
      /forecast_users.name so: it takes keep, .* since its type is text/,
    );
  });

  it('has a digest that changes with its content alone', () => {
    const reordered = Object.fromEntries(Object.entries(keyed.treatments).reverse());
    expect(policyMark({ ...keyed, treatments: reordered }).digest).toBe(policyMark(keyed).digest);
    const changed = { ...keyed.treatments, 'forecast_users.name': { kind: 'tag' } as const };
    expect(policyMark({ ...keyed, treatments: changed }).digest).not.toBe(policyMark(keyed).digest);
    expect(policyMark(keyed)).toEqual({
      name: 'keyed',
      version: 1,
      digest: expect.stringMatching(/^[\da-f]{16}$/) as string,
      reversible: false,
    });
  });
});
