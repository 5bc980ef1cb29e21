import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
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
