import { describe, expect, it } from 'vitest';
import { forecastTables } from '../../src/model/tables.js';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { takenBy, type Treatment } from '../../src/redaction/treatments.js';
import { sample } from './sample.js';
import { entry, failure, redact, type Cells } from './support.js';

const { brief, production } = builtInPolicies;
type Lists = Readonly<Record<string, readonly Record<string, unknown>[]>>;
const joined = (...parts: readonly Lists[]) =>
  redact(
    parts.map((part) => JSON.stringify({ entries: [], ...part })),
    { policy: production },
  );
const entriesOf = ({ tables }: { readonly tables: Readonly<Record<string, Cells[]>> }): Cells[] =>
  [...(tables['forecast_entries'] ?? [])].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
const values = (rows: readonly Cells[], ...columns: readonly string[]) =>
  rows.map((row) => columns.map((column) => row[column]));
const splitOf = (result: Awaited<ReturnType<typeof joined>>['result'], place: number) => result.tables[place]?.split;

/** The fields of an entry by the type that brings them. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  forecast: ['forecastValue', 'currency'],
  quota: ['quotaValue', 'currency'],
  updated: ['isUpdated', 'updatedBy', 'updatedOn'],
  adjustment: ['adjustmentValue', 'adjustedBy', 'adjustedOn', 'currency'],
  crm: ['aggregationTotal', 'crmTotal', 'crmClosed', 'currency'],
};
const keys = ['timePeriodId', 'timeFrameId', 'userId', 'fieldId'];

const keyColumns: ReadonlySet<string> = new Set(['time_period_id', 'time_frame_id', 'user_id', 'field_id']);

/** The base with all of the columns that rows are told apart by treated so, where they can be. */
function treatingKeys(base: RedactionPolicy, kind: 'mask' | 'drop' | 'truncate' | 'known-user-id'): RedactionPolicy {
  const treatments: Record<string, Treatment> = { ...base.treatments };
  for (const { name, columns } of forecastTables)
    for (const column of columns) {
      const place = `${name}.${column.name}`;
      if (keyColumns.has(column.name) && takenBy(place, column).kinds.includes(kind)) treatments[place] = { kind };
    }
  return { ...base, name: 'own', treatments };
}

describe('the parts of a split export', () => {
  it.each([builtInPolicies.keyed, production, brief])('become the rows of the whole ($name)', async (policy) => {
    const { entries, ...others } = sample(5, 300, 20);
    const known = new Set<string>();
    const unique = entries.filter((one) => {
      const key = JSON.stringify(keys.map((name) => one[name]));
      return !known.has(key) && known.add(key);
    });
    const parts = Object.values(fieldsOf).map((fields) => ({
      ...others,
      entries: unique.map((one) =>
        Object.fromEntries(Object.entries(one).filter(([name]) => [...keys, ...fields].includes(name))),
      ),
    }));
    const whole = await redact(JSON.stringify({ ...others, entries: unique }), { policy });
    const { result } = await redact(
      parts.map((part) => JSON.stringify(part)),
      { policy },
    );
    const contents = [result, whole.result].map(({ tables }) => tables.map(({ rows, checksum }) => [rows, checksum]));
    expect(contents[0]).toEqual(contents[1]);
    expect(result.tables[0]).toMatchObject({
      read: 5 * unique.length,
      split: { joined: 4 * unique.length, differing: 0 },
    });
    expect(result.parts).toEqual(parts.map(() => ({ rows: unique.length, timePeriods: ['2027_Q2'] })));
    expect(result.droppedFields).toEqual(
      whole.result.droppedFields.map((one) => ({
        ...one,
        records: one.records * (one.table === 'forecast_entries' ? 1 : 5),
      })),
    );
  });

  it.each([
    ['mask', production],
    ['drop', production],
    ['truncate', production],
    ['known-user-id', production],
    ['drop', builtInPolicies.keyed],
    ['mask', brief],
  ] as const)('keep different people apart under a policy that makes them alike (%s)', async (kind, base) => {
    const policy = treatingKeys(base, kind);
    const person = (userId: string, name: string) => ({ userId, name, email: `${name}@example.com` });
    const [ann, bob, cyd] = [person('1001:R', 'annika'), person('1002:R', 'bobbie'), person('1003:R', 'cydney')];
    const weeks = ['TF:2026-10-07', 'TF:2026-10-14'].map((timeFrameId) => ({ timeFrameId }));
    const first = {
      entries: [entry({ userId: '1001:R', forecastValue: 1 }), entry({ userId: '1003:R', forecastValue: 3 })],
      users: [ann, cyd],
      timeFrames: weeks.slice(0, 1),
    };
    const second = {
      entries: [
        entry({ userId: '1002:R', quotaValue: 2 }),
        entry({ userId: '1003:R', quotaValue: 4 }),
        entry({ userId: '1001:R', quotaValue: 5, ...weeks[1] }),
        entry({ userId: '1001:R', quotaValue: 6, fieldId: 'fc_closed' }),
      ],
      users: [bob],
      timeFrames: weeks,
    };
    const whole = {
      entries: [...first.entries, ...second.entries]
        .filter((one) => one['userId'] !== '1003:R')
        .concat(entry({ userId: '1003:R', forecastValue: 3, quotaValue: 4 })),
      users: [ann, bob, cyd],
      timeFrames: weeks,
    };
    const parts = await redact(
      [first, second].map((part) => JSON.stringify(part)),
      { policy },
    );
    const wanted = await redact(JSON.stringify(whole), { policy });
    const contents = [parts, wanted].map(({ result }) =>
      result.tables.map(({ table, rows, checksum }) => [table, rows, checksum]),
    );
    expect(contents[0]).toEqual(contents[1]);
    expect(splitOf(parts.result, 0)).toEqual({ joined: 1, differing: 0 });
    expect(splitOf(parts.result, 1)).toEqual({ joined: 0, differing: 0 });
    expect(Object.keys(parts.tables['forecast_users']?.[0] ?? {})).toEqual(
      forecastTables[1].columns.map(({ name }) => name),
    );
  });

  it.each([
    ['as it is', production],
    ['without owners', treatingKeys(production, 'drop')],
    ['under a key', builtInPolicies.keyed],
  ])('join flat entries of one owner, quarter, week and field (%s)', async (_how, policy) => {
    const flat = (ownerName: string, fields: Record<string, unknown>) => ({
      ...{ ownerName, ownerEmail: 'team@example.com', timePeriod: '2027_Q2' },
      ...fields,
    });
    const parts = [
      [flat('Annika', { forecastAmount: 1e6 }), flat('Bobbie', { forecastAmount: 2e6, timeFrameId: 'TF:2026-10-07' })],
      [
        flat('Annika', { quotaAmount: 10e6 }),
        flat('Bobbie', { quotaAmount: 20e6, timeFrameId: 'TF:2026-10-14' }),
        flat('Cydney', { quotaAmount: 30e6 }),
        { timePeriod: '2027_Q2', ownerName: ' ', ownerEmail: '', quotaAmount: 40e6 },
        { ownerName: 'Annika', quotaAmount: 50e6 },
      ],
    ];
    const made = await redact(
      parts.map((entries) => JSON.stringify({ entries })),
      { policy },
    );
    const amounts = values(entriesOf(made), 'forecast_value', 'quota_value')
      .map((row) => row.map((value) => Number(value ?? 0) / 1e6))
      .sort(([, a = 0], [, b = 0]) => a - b);
    expect(amounts).toEqual([
      [2, 0],
      [1, 10],
      [0, 20],
      [0, 30],
      [0, 40],
      [0, 50],
    ]);
    expect(splitOf(made.result, 0)).toEqual({ joined: 1, differing: 2 });
  });

  it.each([
    ['null', { userId: null }],
    ['empty', { userId: '' }],
    ['missing', {}],
  ])('keep all people whose id is %s', async (_what, id) => {
    const made = await joined(
      {
        users: [
          { ...id, name: 'Ann' },
          { ...id, name: 'Cyd' },
          { userId: '1:R', name: 'Eve' },
        ],
      },
      {
        users: [
          { ...id, name: 'Bob' },
          { userId: '1:R', name: 'Eve' },
        ],
      },
    );
    expect(
      values(made.tables['forecast_users'] ?? [], 'name')
        .flat()
        .sort(),
    ).toEqual(['Ann', 'Bob', 'Cyd', 'Eve']);
    expect(splitOf(made.result, 1)).toEqual({ joined: 1, differing: 3 });
  });

  it('may lack an entry that another has', async () => {
    const parts = [
      { entries: [entry({ forecastValue: 1 })] },
      { entries: [entry({ quotaValue: 2 }), entry({ fieldId: 'late', quotaValue: 3 })] },
    ];
    const made = await joined(...parts);
    expect(values(entriesOf(made), 'forecast_value', 'quota_value')).toEqual([
      ['1.000000000', '2.000000000'],
      [null, '3.000000000'],
    ]);
    expect(splitOf(made.result, 0)).toEqual({ joined: 1, differing: 0 });
  });

  it.each([
    ['a part has two of a key', [{ quotaValue: 2 }, { quotaValue: 3 }]],
    ['their currencies differ', [{ quotaValue: 2, currency: { code: 'EUR', symbol: '€' } }]],
  ])('keep their entries apart where %s', async (_why, others) => {
    const usd = { code: 'USD', symbol: '$' };
    const made = await joined(
      { entries: [entry({ forecastValue: 1, currency: usd }), entry({ fieldId: 'other', forecastValue: 9 })] },
      { entries: [...others.map((one) => entry(one)), entry({ fieldId: 'other', quotaValue: 8 })] },
    );
    const apart = 1 + others.length;
    expect(entriesOf(made)).toHaveLength(apart + 1);
    expect(splitOf(made.result, 0)).toEqual({ joined: 1, differing: apart });
    expect(made.result.tables[0]?.duplicates).toBe(apart);
    const ofOne = entriesOf(made).filter((row) => row['forecast_value'] === '1.000000000');
    expect(values(ofOne, 'quota_value', 'currency_code')).toEqual([[null, 'USD']]);
  });

  it('join no entries without a key', async () => {
    const made = await joined(
      { entries: [entry({ userId: null, forecastValue: 1 })] },
      { entries: [entry({ userId: null, quotaValue: 2 })] },
    );
    expect(entriesOf(made)).toHaveLength(2);
    expect(splitOf(made.result, 0)).toEqual({ joined: 0, differing: 2 });
  });

  it('give the newest file’s people, weeks and fields where they differ, and say how many', async () => {
    const user = (userId: string, name: string) => ({ userId, name });
    const made = await joined(
      { users: [user('1:R', 'Before'), user('2:R', 'Same'), user('3:R', 'Gone')] },
      { users: [user('1:R', 'After'), user('2:R', 'Same'), user('4:R', 'Twice'), user('4:R', 'Twice')] },
    );
    const names = values(made.tables['forecast_users'] ?? [], 'user_id', 'name').sort();
    expect(names).toEqual([
      ['1:R', 'After'],
      ['2:R', 'Same'],
      ['3:R', 'Gone'],
      ['4:R', 'Twice'],
      ['4:R', 'Twice'],
    ]);
    expect(made.result.tables[1]).toMatchObject({
      read: 7,
      rows: 5,
      duplicates: 2,
      split: { joined: 2, differing: 1 },
    });
  });

  it('know the people of all of them: an id is known, and a name found, whichever file has it', async () => {
    const users = [{ userId: '7:R', name: 'Wilhelmina Quux' }];
    const made = await joined({ entries: [entry({ updatedBy: '7:R' })] }, { users });
    expect(values(entriesOf(made), 'updated_by')).toEqual([['7:R']]);
    const error = await failure([
      JSON.stringify({ entries: [entry({ fieldId: 'Wilhelmina Quux' })] }),
      JSON.stringify({ entries: [], users }),
    ]);
    expect([error.type, error.message]).toEqual([
      'LeakFound',
      '1 value of forecast_entries.field_id holds a raw value of users.name.',
    ]);
  });

  it.each(['keyed', 'production', 'brief'] as const)('may name no owners in one of them (%s)', async (policy) => {
    const owned = { timePeriod: '2027_Q1', forecastAmount: 1, ownerName: 'Noor Haddad', ownerEmail: 'noor@x.example' };
    const files = [[owned], [{ timePeriod: '2027_Q1', forecastAmount: 2 }]].map((entries) =>
      JSON.stringify({ entries }),
    );
    const made = await redact(files, { policy: builtInPolicies[policy] });
    expect(values(entriesOf(made), 'forecast_value')).toHaveLength(2);
    expect(made.tables['forecast_users']).toHaveLength(1);
  });

  it('have one shape', async () => {
    const flat = { ownerName: 'A', ownerEmail: 'a@example.com', forecastAmount: 1, timePeriod: '2027_Q2' };
    const files = [{ entries: [flat] }, { entries: [entry({ quotaValue: 1 })] }].map((part) => JSON.stringify(part));
    expect((await failure(files)).type).toBe('FileMalformed');
  });

  it('are joined in many passes where there are many rows', async () => {
    const many = 15_000;
    const part = (field: string) => ({
      entries: Array.from({ length: many }, (_, at) => entry({ fieldId: `f${at}`, [field]: at })),
    });
    const { result } = await joined(part('forecastValue'), part('quotaValue'));
    expect(result.tables[0]).toMatchObject({ rows: many, duplicates: 0, split: { joined: many, differing: 0 } });
  });
});
