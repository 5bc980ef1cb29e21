import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePolicyFile } from '../../src/redaction/policy-file.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { bucketSql, treatedTextSql } from '../../src/redaction/treatment-sql.js';
import { briefEmail, briefName, pseudonym } from './oracle.js';
import { generator } from './random-document.js';
import { entry, failure, redact, type Cells } from './support.js';

const ours = (treatments: Record<string, unknown>, more: object = {}): RedactionPolicy =>
  parsePolicyFile(JSON.stringify({ name: 'ours', version: 1, extends: 'keyed', treatments, ...more }));

describe('a treatment in SQL', () => {
  let instance: DuckDBInstance;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
  });
  afterAll(() => instance.closeSync());

  async function result(sql: string, value: string | null, type = 'VARCHAR'): Promise<unknown> {
    const connection = await instance.connect();
    try {
      const rows = await connection.runAndReadAll(`SELECT ${sql} FROM (SELECT CAST($1 AS ${type}) AS v)`, [value]);
      return rows.getRowsJson()[0]?.[0];
    } finally {
      connection.closeSync();
    }
  }

  it.each([
    ['Noor Haddad', 'N***'],
    [' \tnoor@example.com', 'n***'],
    ['Al', 'A***'],
    ['A', '***'],
    ['e\u0301lan', 'é***'],
    ['😀 Emoji', '😀***'],
    ['@', '***'],
    ['', null],
    ['\u00a0', null],
    [null, null],
  ])('mask of %j', async (text, masked) => {
    expect(await result(treatedTextSql('v', { kind: 'mask' }), text)).toBe(masked);
  });

  it.each([
    ['203.0.113.9', '203.0.113.0/24'],
    [' 10.0.255.255 ', '10.0.255.0/24'],
    ['2001:db8:7:1::5', '2001:db8:7::/48'],
    ['2001:0DB8:0000:0001:0:0:0:1', '2001:db8::/48'],
    ['1:2:3:4:5:6:7:8', '1:2:3::/48'],
    ['1::2:3:4:5:6:7', '1:0:2::/48'],
    ['::1', '::/48'],
    ['fe80::1%eth0', 'fe80::/48'],
    ['::ffff:203.0.113.9', '203.0.113.0/24'],
    ['64:ff9b::203.0.113.9', '64:ff9b::/48'],
    [null, null],
  ])('network of %j', async (text, network) => {
    expect(await result(treatedTextSql('v', { kind: 'truncate' }), text)).toBe(network);
  });

  it.each([
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1:2:3',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7:8:9',
    'jane',
    '',
  ])('nothing of %j, which is no address', async (text) => {
    expect(await result(treatedTextSql('v', { kind: 'truncate' }), text)).toBeNull();
  });

  it.each([
    ['12.5', 25, '25.000000000'],
    ['12.499999999', 25, '0.000000000'],
    ['-12.5', 25, '-25.000000000'],
    ['1.5', 3, '3.000000000'],
    ['-1.499999999', 3, '0.000000000'],
    ['1499.999999999', 1000, '1000.000000000'],
    ['-1500', 1000, '-2000.000000000'],
    ['123456789012.5', 25, '123456789025.000000000'],
    ['9999999999999999999999999999', 7, '9999999999999999999999999996.000000000'],
    ['10000000000000000000000000000', 7, null],
  ])('%s in a bucket of %i', async (amount, step, rounded) => {
    expect(await result(bucketSql('v', step), amount, 'DECIMAL(38, 9)')).toBe(rounded);
  });

  it.each([2, 3, 7, 250, 999, 1000])('buckets of %i are exact, whatever the length of the amount', async (step) => {
    const random = generator(step);
    const billion = 10n ** 9n;
    const wide = BigInt(step) * billion;
    const amounts = Array.from({ length: 400 }, (_, at) => {
      // Close to the middle of a bucket, where a billionth decides.
      const size = BigInt(Math.floor(random() * 10 ** (at % 14))) * wide + wide / 2n + BigInt(at % 5) - 2n;
      return at % 2 === 0 ? size : -size;
    });
    const rounded = amounts.map((amount) => {
      const size = amount < 0n ? -amount : amount;
      const nearest = ((2n * size + wide) / (2n * wide)) * BigInt(step);
      return String(amount < 0n ? -nearest : nearest);
    });
    const decimals = amounts.map((amount) => {
      const digits = String(amount < 0n ? -amount : amount).padStart(10, '0');
      return `${amount < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
    });
    const list = `CAST(${JSON.stringify(decimals).replaceAll('"', "'")} AS DECIMAL(38, 9)[])`;
    const sql = `array_to_string(list_transform(${list}, lambda v: CAST(CAST(${bucketSql('v', step)} AS HUGEINT) AS VARCHAR)), ' ')`;
    expect(String(await result(sql, null)).split(' ')).toEqual(rounded);
  });
});

describe('a policy of one’s own', () => {
  it.each([
    ['day', '2026-10-14 00:00:00'],
    ['week', '2026-10-12 00:00:00'],
    ['month', '2026-10-01 00:00:00'],
    ['quarter', '2026-10-01 00:00:00'],
    ['year', '2026-01-01 00:00:00'],
  ])('puts instants and dates into the %s that they are in', async (bucket, instant) => {
    const policy = ours({
      'forecast_entries.updated_on': { bucket },
      'forecast_time_frames.start_date': { bucket },
      'forecast_time_frames.end_date': { bucket },
    });
    const entries = [entry({ updatedOn: 1_791_970_000_123 }), entry({ updatedOn: null, fieldId: 'b' })];
    const timeFrames = [{ timeFrameId: 'a', startDate: '2026-10-14', endDate: '0001-01-01' }];
    const { tables } = await redact(JSON.stringify({ entries, timeFrames }), { policy });
    expect(tables['forecast_entries']?.map((row) => row['updated_on'])).toEqual([instant, null]);
    expect(tables['forecast_time_frames']?.[0]).toMatchObject({
      start_date: instant.slice(0, 10),
      end_date: '0001-01-01',
    });
  });

  it('still refuses what is no date', async () => {
    const timeFrames = [{ timeFrameId: 'a', startDate: '14 October' }];
    const policy = ours({ 'forecast_time_frames.start_date': { bucket: 'week' } });
    expect((await failure(JSON.stringify({ entries: [], timeFrames }), { policy })).type).toBe('ValueRejected');
  });

  it('leaves out what is no address, and counts it', async () => {
    const users = [{ userId: '1:R', crmId: '203.0.113.9' }, { userId: '2:R', crmId: 'none' }, { userId: '3:R' }];
    const policy = ours({ 'forecast_users.crm_id': 'truncate' });
    const { tables, result } = await redact(JSON.stringify({ entries: [], users }), { policy });
    expect(tables['forecast_users']?.map((row) => row['crm_id'])).toEqual(['203.0.113.0/24', null, null]);
    expect(result.droppedFields).toEqual([{ table: 'forecast_users', field: 'crmId', records: 1 }]);
  });

  it('finds types of value and no duplicates by the file, though it drops amounts and ids', async () => {
    const entries = [entry({ forecastValue: 1 }), entry({ forecastValue: 2, userId: '2:R' })];
    const users = [{ userId: '1:R' }, { userId: '2:R' }];
    const dropped = ['forecast_entries.forecast_value', 'forecast_entries.user_id', 'forecast_users.user_id'];
    const policy = ours(Object.fromEntries(dropped.map((place) => [place, 'drop'])));
    const { tables, result } = await redact(JSON.stringify({ entries, users }), { policy });
    expect(tables['forecast_entries']?.[0]).toMatchObject({ forecast_value: null, user_id: null });
    expect(result.typesSeen).toEqual(['forecast']);
    expect(result.tables.map(({ duplicates }) => duplicates)).toEqual([0, 0, 0, 0, 0]);
  });

  it('lands no pseudonym of a flat file’s owner in entries where the id is dropped there', async () => {
    const file = JSON.stringify({ entries: [{ ownerEmail: 'n@x.example', forecastAmount: 1, timePeriod: '2027_Q1' }] });
    const { tables } = await redact(file, { policy: ours({ 'forecast_entries.user_id': 'drop' }) });
    expect(tables['forecast_entries']?.[0]?.['user_id']).toBeNull();
    expect(tables['forecast_users']?.[0]?.['user_id']).toBe(pseudonym('email', 'n@x.example'));
  });

  it('masks names and hashes roles, under the leak check', async () => {
    const users = [{ userId: '1:R', name: 'Noor Haddad', email: 'n@x.example', hierarchyName: 'Noor Haddad' }];
    const policy = ours({ 'forecast_users.name': 'mask', 'forecast_users.hierarchy_name': { hmac: 'name' } });
    const { tables } = await redact(JSON.stringify({ entries: [], users }), { policy });
    expect(tables['forecast_users']?.[0]).toMatchObject({
      name: 'N***',
      email: pseudonym('email', 'n@x.example'),
      hierarchy_name: pseudonym('name', 'Noor Haddad'),
    });
  });
});

describe('onUnknownField: fail', () => {
  const policy = ours({}, { onUnknownField: 'fail' });

  it('refuses the file before anything is written, by names and counts', async () => {
    const entries = [
      entry({ note: 'Wilhelmina' }),
      entry({ note: 1, currency: { code: 'EUR', rate: 2 }, fieldId: 'b' }),
    ];
    const error = await failure(JSON.stringify({ entries, 'Wilhelmina Quux': [1], versions: [1, 2, 3] }), { policy });
    expect(error).toMatchObject({
      type: 'PolicyRefused',
      message:
        'The file has fields that the policy ours does not know, and it lands no such file: (file).versions (3), ' +
        'forecast_entries.note (2), (file).(name not shown) (1), forecast_entries.currency.rate (1).',
    });
  });

  it('lands a file that has none', async () => {
    const { tables, result } = await redact(JSON.stringify({ entries: [entry()], users: [] }), { policy });
    expect([tables['forecast_entries']?.length, result.droppedFields]).toEqual([1, []]);
  });

  it('also where the policy extends brief, which lands such fields otherwise', async () => {
    const file = JSON.stringify({ entries: [entry({ note: 'x' })] });
    const extended = (more: object) => ours({}, { extends: 'brief', ...more });
    expect((await redact(file, { policy: extended({}) })).tables['forecast_entries']?.[0]?.['extra']).toBe(
      '{"note":"x"}',
    );
    const dropped = await redact(file, { policy: extended({ onUnknownField: 'drop' }) });
    expect(dropped.tables['forecast_entries']?.[0]?.['extra']).toBeNull();
    expect(dropped.result.droppedFields).toEqual([{ table: 'forecast_entries', field: 'note', records: 1 }]);
    expect((await failure(file, { policy: extended({ onUnknownField: 'fail' }) })).type).toBe('PolicyRefused');
  });
});

describe('brief hashes', () => {
  /** From `sha256sum`, so that no code of ours is on both sides. */
  const known = [
    ['', 'e3b0c44298fc@redacted', 'Rep-e3b0c4'],
    ['abc', 'ba7816bf8f01@redacted', 'Rep-ba7816'],
    ['Ünal', 'd48b25c686a1@redacted', 'Rep-d48b25'],
  ] as const;
  const policy = parsePolicyFile(JSON.stringify({ name: 'ours', version: 1, extends: 'brief' }));

  it.each(known)('are those of %j', async (text, email, name) => {
    expect([briefEmail(text), briefName(text)]).toEqual([email, name]);
    const users = [{ userId: '1:R', name: text, email: text }];
    const five = await redact(JSON.stringify({ entries: [], users }), { policy });
    expect(five.tables['forecast_users']?.[0]).toMatchObject({ email, name });
    const entries = [{ ownerName: text, ownerEmail: text, forecastAmount: 1, timePeriod: '2027_Q1' }];
    const flat = await redact(JSON.stringify({ entries }), { policy });
    expect(flat.tables['forecast_entries']?.[0]).toMatchObject({ owner_email: email, owner_name: name });
    expect(flat.tables['forecast_users']?.[0]).toMatchObject({ email, name });
  });

  it('are of the text as it is: spellings stay apart, and what is missing stays missing', async () => {
    const texts = [' Noor@Example.com ', 'noor@example.com', 'e\u0301', 'é', 'tab\t'];
    const owners: { ownerName?: string; ownerEmail?: string | null }[] = [
      ...texts.map((text) => ({ ownerName: text, ownerEmail: text })),
      { ownerName: '' },
      { ownerName: 'only a name', ownerEmail: null },
      {},
    ];
    const entries = owners.map((owner) => ({ ...owner, forecastAmount: 1, timePeriod: '2027_Q1' }));
    const { tables } = await redact(JSON.stringify({ entries }), { policy });
    expect(tables['forecast_entries']?.map((row: Cells) => [row['owner_email'], row['owner_name']])).toEqual(
      owners.map(({ ownerEmail, ownerName }) => [briefEmail(ownerEmail), briefName(ownerName)]),
    );
  });
});
