import { beforeAll, describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { share } from '../support/share.js';
import { entry, failure, redact } from './support.js';

const { keyed, production, brief } = builtInPolicies;

/** An entry whose `field` is written as `json`. */
const written = (field: string, json: string): string => `${JSON.stringify(entry()).slice(0, -1)},"${field}":${json}}`;

/** What lands in `column` of a file that has an entry for each of `values`. */
async function landed(
  column: string,
  field: string,
  values: readonly string[],
  policy: RedactionPolicy = production,
): Promise<readonly unknown[]> {
  const entries = values.map((json) => written(field, json));
  const { tables } = await redact(`{"entries":[${entries.join()}],"users":[{"userId":"1:R"}]}`, { policy });
  return (tables['forecast_entries'] ?? []).map((row) => row[column]);
}

describe('money is exact', () => {
  const exact = [
    ['1234567890123456.78', '1234567890123456.780000000'],
    ['9007199254740993', '9007199254740993.000000000'],
    ['9007199254740.997', '9007199254740.997000000'],
    ['1e3', '1000.000000000'],
    ['1.005', '1.005000000'],
    ['-0.01', '-0.010000000'],
    ['0.1', '0.100000000'],
    ['-0', '0.000000000'],
    ['0', '0.000000000'],
    ['0.00001', '0.000010000'],
    ['0.000000001', '0.000000001'],
    ['1e-9', '0.000000001'],
    ['1.50E+2', '150.000000000'],
    ['2e28', '20000000000000000000000000000.000000000'],
    ['999999999.999999', '999999999.999999000'],
    ['999999999.999999999', '999999999.999999999'],
    ['1000000000', '1000000000.000000000'],
    ['1000000000.25', '1000000000.250000000'],
    ['123456789012.345', '123456789012.345000000'],
    ['-99999999999999999999999999999.999999999', '-99999999999999999999999999999.999999999'],
    ['1.2500000000000000000000', '1.250000000'],
    ['"412500.25"', '412500.250000000'],
    ['"1.23456789e5"', '123456.789000000'],
    ['1234567890123e-3', '1234567890.123000000'],
    ['"12345678901E-1"', '1234567890.100000000'],
    ['-123456789012345e-5', '-1234567890.123450000'],
    ['12345678901e1', '123456789010.000000000'],
    ['null', null],
  ] as const;
  const inBuckets = [
    ['1499.999999999', '1000.000000000'],
    ['1500', '2000.000000000'],
    ['-1500', '-2000.000000000'],
    ['-499.99', '0.000000000'],
    ['-0.01', '0.000000000'],
    ['12345674999e-1', '1234567000.000000000'],
    ['9007199254740993', '9007199254741000.000000000'],
    ['1234567890123456789012345500.5', '1234567890123456789012346000.000000000'],
  ] as const;
  let forecasts: readonly unknown[];
  let quotas: readonly unknown[];
  let coarse: readonly unknown[];
  beforeAll(async () => {
    const all = exact.map(([json]) => json);
    forecasts = await landed('forecast_value', 'forecastValue', all);
    quotas = await landed('quota_value', 'quotaAmount', all, brief);
    const precise = inBuckets.map(([json]) => json);
    coarse = await landed('forecast_value', 'forecastValue', precise, keyed);
  });

  it.each(exact.map((row, place) => [...row, place] as const))('%s', (_, value, place) => {
    expect([forecasts[place], quotas[place]]).toEqual([value, value]);
  });

  it.each(inBuckets.map((row, place) => [...row, place] as const))(
    '%s in a bucket of a thousand',
    (_, value, place) => {
      expect(coarse[place]).toBe(value);
    },
  );
});

describe('numbers where texts or instants belong', () => {
  it.each(['1.10', '1e5', '0.00001', '-0', '1.0', '123.450', '1E-400'])(
    'an id of %s lands as it is written',
    async (id) => {
      const { tables } = await redact(`{"entries":[],"fields":[{"fieldId":${id}}]}`);
      expect(tables['forecast_fields']?.[0]?.['field_id']).toBe(id);
    },
  );

  it.each([
    ['1.79197E12', '2026-10-14 09:26:40'],
    ['1791970000e3', '2026-10-14 09:26:40'],
    ['1791970000000.0', '2026-10-14 09:26:40'],
  ])('an instant of %s', async (ms, instant) => {
    expect(await landed('updated_on', 'updatedOn', [ms])).toEqual([instant]);
  });

  it.each(['1.5e0', '1e-3', '1e300', '17912345678901e-1'])('an instant of %s is none', async (ms) => {
    const error = await failure(`{"entries":[${written('updatedOn', ms)}]}`, { policy: production });
    expect(error.type).toBe('ValueRejected');
  });
});

describe('other values', () => {
  it.each([
    ['updated_on', 'updatedOn', '1791970000123', '2026-10-14 09:26:40.123'],
    ['updated_on', 'updatedOn', '"1791970000000"', '2026-10-14 09:26:40'],
    ['updated_on', 'updatedOn', '1.79197e12', '2026-10-14 09:26:40'],
    ['updated_on', 'updatedOn', '-1', '1969-12-31 23:59:59.999'],
    ['is_updated', 'isUpdated', 'false', false],
    ['currency_code', 'currency', '"EUR"', 'EUR'],
    ['currency_code', 'currency', 'null', null],
    ['time_frame_id', 'timeFrameId2', 'null', 'TF:2026-10-07'],
    ['updated_by', 'updatedBy', '1', '1'],
  ])('%s from %s %s', async (column, field, json, value) => {
    expect(await landed(column, field, [json])).toEqual([value]);
  });

  it('takes a mixture of currency objects and codes', async () => {
    const entries = [
      entry({ currency: 'EUR' }),
      entry({ currency: { code: 'USD', symbol: '$' } }),
      entry({ currency: null }),
      entry(),
    ];
    const { tables } = await redact(JSON.stringify({ entries }));
    expect(tables['forecast_entries']?.map((row) => [row['currency_code'], row['currency_symbol']])).toEqual([
      ['EUR', null],
      ['USD', '$'],
      [null, null],
      [null, null],
    ]);
  });

  it('keeps ids that look like times, dates, numbers and UUIDs as they are', async () => {
    const ids = [
      '12:05',
      '2026-10-01',
      '007',
      '1e5',
      '550e8400-e29b-41d4-a716-446655440000',
      'true',
      'null',
      '{"a":1}',
      '[1]',
    ];
    const { tables } = await redact(JSON.stringify({ entries: ids.map((userId) => entry({ userId })) }), {
      policy: production,
    });
    expect(tables['forecast_entries']?.map((row) => row['user_id'])).toEqual(ids);
  });

  it('lands a text of five megabytes and one of every script', async () => {
    const long = 'ü'.repeat(2_500_000);
    const { tables } = await redact(
      JSON.stringify({ entries: [], fields: [{ fieldId: 'a', fieldName: long }, { fieldId: '\u{10FFFF}\u200F' }] }),
      {
        chunk: 65_536,
      },
    );
    expect(tables['forecast_fields']?.[0]?.['field_name'] === long).toBe(true);
    expect(tables['forecast_fields']?.[1]?.['field_id']).toBe('\u{10FFFF}\u200F');
  });

  it('counts records whose natural key stands there twice, and lands them all', async () => {
    const entries = [
      entry(),
      entry({ userId: '2:R' }),
      entry({ forecastValue: 1 }),
      entry({ timeFrameId: null }),
      entry({ timeFrameId: null }),
    ];
    const users = [{ userId: '1:R' }, { userId: '1:R' }, { userId: '2:R' }];
    const { result } = await redact(JSON.stringify({ entries, users }));
    expect(
      result.tables.slice(0, 2).map(({ read, rows, duplicates, rejected }) => [read, rows, duplicates, rejected]),
    ).toEqual([
      [5, 5, 4, 0],
      [3, 3, 2, 0],
    ]);
  });

  it('gives the same checksum for the same rows in another order', async () => {
    const entries = [entry({ forecastValue: 1.5 }), entry({ userId: '2:R', updatedOn: 1 }), entry({ isUpdated: true })];
    const sums = await Promise.all(
      [entries, [...entries].reverse(), entries.slice(1)].map(
        async (list) => (await redact(JSON.stringify({ entries: list }))).result.tables[0]?.checksum,
      ),
    );
    expect(sums[0]).toBe(sums[1]);
    expect(sums[0]).not.toBe(sums[2]);
  });
});

describe('a value that can not be landed exactly stops the run, with its place and without itself', () => {
  const inexact = [
    ['forecast_value', 'forecastValue', '123456789012345678901234567890'],
    ['forecast_value', 'forecastValue', '1e400'],
    ['forecast_value', 'forecastValue', '0.1234567891'],
    ['forecast_value', 'forecastValue', '1.5e-9'],
    ['forecast_value', 'forecastValue', '1e-320'],
    ['forecast_value', 'forecastValue', '1234567.8901234567'],
    ['forecast_value', 'forecastValue', '"71O.50"'],
    ['forecast_value', 'forecastValue', '"1_771"'],
    ['forecast_value', 'forecastValue', '" 771"'],
    ['forecast_value', 'forecastValue', '""'],
    ['forecast_value', 'forecastValue', 'true'],
    ['forecast_value', 'forecastValue', '{"v":771}'],
    ['forecast_value', 'forecastAmount', '[771]'],
    ['is_updated', 'isUpdated', '"Yes771"'],
    ['is_updated', 'isUpdated', '1'],
    ['updated_on', 'updatedOn', '"771 October"'],
    ['updated_on', 'updatedOn', '1791970000000.5'],
    ['updated_on', 'updatedOn', '999999999999999'],
    ['updated_on', 'updatedOn', 'false'],
    ['updated_by', 'updatedBy', '{"name":"Secret771"}'],
    ['updated_by', 'updatedBy', '["Secret771"]'],
    ['updated_by', 'updatedBy', '"Secret\\u0000771"'],
    ['currency_code', 'currency', '771'],
    ['currency_code', 'currency', '["USD771"]'],
    ['currency_code', 'currency', '{"code":{"a":771}}'],
    ['currency_symbol', 'currency', '{"symbol":["771"]}'],
    ['currency_code', 'currency', '{"code":"\\u0000771"}'],
  ] as const;
  // Of each value every third policy, another one than that of the value before.
  const policies = [keyed, production, brief];
  const cases = inexact.flatMap((value, at) => policies.map((policy, of) => ({ value, policy, turn: (at + of) % 3 })));
  it.each(share(cases, ({ turn }) => turn === 0).map(({ value, policy }) => [policy.name, ...value, policy] as const))(
    '%s: %s: %s %s',
    async (_, column, field, json, policy) => {
      const good = JSON.stringify(entry());
      const bad = written(field, json);
      const error = await failure(`{"entries":[${good},${good},${bad},${good},${bad}]}`, { policy });
      expect(error.type).toBe('ValueRejected');
      expect(error.message).toMatch(new RegExp(`^2 values of forecast_entries\\.${column} are .*record 3\\.$`));
      expect(error.message).not.toMatch(/771|Secret|O\.50|e400|1\.5e/);
    },
  );

  it('two fields of one record that mean the same column and differ', async () => {
    const entries = [entry({ forecastValue: 1, forecastAmount: 1 }), entry({ forecastValue: 1, forecastAmount: 2 })];
    const error = await failure(JSON.stringify({ entries }));
    expect(error.message).toMatch(/^1 value of forecast_entries.forecast_value is .*record 2\.$/);
  });

  it.each(['2026-02-30', '01.02.2026', '2026-1-1', 'soon'])('a day that is none: %s', async (startDate) => {
    const error = await failure(JSON.stringify({ entries: [], timeFrames: [{ timeFrameId: 'a', startDate }] }));
    expect(error).toMatchObject({
      type: 'ValueRejected',
      message: expect.stringContaining('forecast_time_frames.start_date') as string,
    });
    expect(error.message).not.toContain(startDate);
  });

  it('but not in a field that is dropped anyway', async () => {
    const { tables } = await redact(
      JSON.stringify({ entries: [], users: [{ userId: '1', name: ['x\0'], scopeId: [1] }] }),
    );
    expect(tables['forecast_users']?.[0]?.['name']).toBeNull();
  });
});
