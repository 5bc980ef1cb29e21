import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { expectedFile } from '../../src/testing/index.js';
import type { ExpectedRecord, FakeForecast, FileRequest, ListName } from '../../src/testing/index.js';
import { forecastFile, recordPlan } from '../../src/testing/fake-clari/data/forecast-file.js';
import type { ExportFile } from '../../src/testing/fake-clari/data/export-file.js';

const everything: FileRequest = {
  timePeriod: '2027_Q2',
  typesToExport: ['forecast', 'quota', 'forecast_updated', 'adjustment', 'crm_total', 'crm_closed'],
  currency: null,
  includeHistorical: true,
};
const LISTS: readonly ListName[] = ['entries', 'users', 'fields', 'timePeriods', 'timeFrames'];

const forecast = (options: Partial<FakeForecast> = {}): FakeForecast => ({
  forecastId: 'emea_bookings',
  forecastName: 'EMEA Bookings',
  entries: 5000,
  shape: 'five-lists',
  ...options,
});

const fileOf = (of: FakeForecast, request = everything, seed = 1): ExportFile =>
  forecastFile(of, recordPlan(of, request, seed), seed);
const textOf = (file: ExportFile): string => Buffer.concat([...file.chunks()]).toString('utf8');
const parsed = (file: ExportFile): Record<string, ExpectedRecord[]> =>
  JSON.parse(textOf(file)) as Record<string, ExpectedRecord[]>;
const entriesOf = (of = forecast(), request = everything): ExpectedRecord[] =>
  parsed(fileOf(of, request))['entries'] ?? [];
const keysOf = (records: readonly ExpectedRecord[]): Set<string> => new Set(records.flatMap((one) => Object.keys(one)));
const code = (entry: ExpectedRecord): unknown => (entry['currency'] as { code: string } | null | undefined)?.code;

describe.each([
  forecast({ entries: 10 }),
  forecast({ entries: 4321 }),
  forecast({ entries: 4321, users: 321, pretty: true }),
  forecast({ entries: 10, shape: 'flat' }),
  forecast({ entries: 4321, shape: 'flat', pretty: true }),
  forecast({ entries: 0 }),
  forecast({ entries: 0, users: 0, pretty: true }),
  forecast({ entries: 1 }),
])('a file of $entries entries ($shape, pretty: $pretty)', (of) => {
  it('parses to what the oracle expects, list by list, and to nothing else', () => {
    const content = parsed(fileOf(of));
    const expected = expectedFile(of, everything, 1);
    expect(Object.keys(content)).toEqual(of.shape === 'flat' ? ['entries'] : LISTS);
    for (const list of LISTS) {
      expect(content[list] ?? []).toEqual([...expected.records(list)]);
      expect(content[list]?.length ?? 0).toBe(expected.counts[list]);
    }
    expect(expected.counts.entries).toBe(of.entries);
  });

  it('is as long as it says and hashes as the oracle says', () => {
    const expected = expectedFile(of, everything, 1);
    const text = textOf(fileOf(of));
    expect(Buffer.byteLength(text)).toBe(expected.bytes);
    expect(createHash('sha256').update(text).digest('hex')).toBe(expected.sha256());
  });

  it('gives any part of its bytes', () => {
    const file = fileOf(of);
    const whole = Buffer.from(textOf(file));
    for (let round = 0; round < 300; round += 1) {
      const from = (round * 7919) % file.bytes;
      const to = Math.min(file.bytes, from + 1 + ((round * 104_729) % 5000));
      expect(file.slice(from, to).equals(whole.subarray(from, to))).toBe(true);
    }
    expect(file.slice(0, file.bytes).equals(whole)).toBe(true);
  });
});

describe('a file', () => {
  it('is indented like JSON.stringify when asked to be pretty', () => {
    const file = fileOf(forecast({ entries: 200, pretty: true }));
    // The two numbers that a double does not hold come back with other digits.
    const rounded = textOf(file).replaceAll('9007199254740993', '9007199254740992');
    expect(rounded).toBe(JSON.stringify(parsed(file), null, 2));
  });

  it('differs by seed, period and forecast, and by nothing else', () => {
    const sha256 = (id: string, timePeriod: string, seed: number): string =>
      fileOf(forecast({ forecastId: id }), { ...everything, timePeriod }, seed).sha256();
    expect(sha256('a', '2027_Q2', 1)).toBe(sha256('a', '2027_Q2', 1));
    expect(
      new Set([
        sha256('a', '2027_Q2', 1),
        sha256('a', '2027_Q2', 2),
        sha256('a', '2027_Q1', 1),
        sha256('b', '2027_Q2', 1),
      ]).size,
    ).toBe(4);
  });

  it('reads the same at its end as a whole pass does, far beyond 2^32 bytes', () => {
    const of = forecast({ entries: 20_000_000 });
    const file = fileOf(of);
    expect(file.bytes).toBeGreaterThan(2 ** 32);
    const tail = file.slice(file.bytes - 2000, file.bytes).toString('utf8');
    expect(tail.endsWith('}]}')).toBe(true);
    const middle = file.slice(5_000_000_000, 5_000_003_000).toString('utf8');
    expect(middle).toMatch(/\},\{"timePeriodId":"2027_Q2","timeFrameId":"TF:/);
  });

  it('comes in chunks of at least 64 KiB, but for the last', () => {
    const sizes = [...fileOf(forecast({ entries: 5000 })).chunks()].map((chunk) => chunk.length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(65_536);
  });

  it('refuses sizes that can not be', () => {
    expect(() => fileOf(forecast({ entries: -1 }))).toThrow(RangeError);
    expect(() => fileOf(forecast({ entries: 1000, users: 1 }))).toThrow(RangeError);
    expect(() => fileOf(forecast(), { ...everything, timePeriod: 'Q2' })).toThrow(RangeError);
  });
});

describe('the data', () => {
  it('has unique natural keys, each of an existing user, field and week', () => {
    const content = parsed(fileOf(forecast({ entries: 30_000, users: 700 })));
    const ids = (list: ListName, key: string): Set<unknown> => new Set(content[list]?.map((one) => one[key]));
    const entries = content['entries'] ?? [];
    const keys = entries.map((one) =>
      [one['timePeriodId'], one['timeFrameId'], one['userId'], one['fieldId']].join('|'),
    );
    expect(new Set(keys).size).toBe(30_000);
    const [users, fields, weeks] = [ids('users', 'userId'), ids('fields', 'fieldId'), ids('timeFrames', 'timeFrameId')];
    expect(users.size).toBe(700);
    expect(
      entries.every((one) => users.has(one['userId']) && fields.has(one['fieldId']) && weeks.has(one['timeFrameId'])),
    ).toBe(true);
  });

  it('has null forecasts, missing quotas and missing or null currencies about as often as promised', () => {
    const entries = entriesOf(forecast({ entries: 50_000 }));
    const share = (fits: (one: ExpectedRecord) => boolean): number => entries.length / entries.filter(fits).length;
    const forecasts = entries.filter((one) => 'forecastValue' in one);
    const without = forecasts.filter((one) => one['forecastValue'] === null);
    expect(forecasts.length / without.length).toBeCloseTo(101, -1);
    expect(share((one) => !('quotaValue' in one))).toBeCloseTo(97, -1);
    expect(share((one) => (one['currency'] ?? null) === null)).toBeCloseTo(89, -1);
    expect(entries.some((one) => one['currency'] === null)).toBe(true);
    expect(entries.some((one) => !('currency' in one))).toBe(true);
    expect(new Set(entries.map(code))).toEqual(new Set(['USD', 'EUR', undefined]));
  });

  it.each(['five-lists', 'flat'] as const)('has every awkward number in the smallest %s file', (shape) => {
    const text = textOf(fileOf(forecast({ entries: 10, shape })));
    expect(text).toContain(':9007199254740993,');
    expect(text).toContain(':12345678901234.56,');
    expect(text).toMatch(/:-\d+/);
    expect(text).toMatch(/(forecastValue|forecastAmount)":null/);
  });

  it('gives money digit by digit to who asks the oracle for it', () => {
    const of = forecast({ entries: 200 });
    const literals = [...textOf(fileOf(of)).matchAll(/"forecastValue":(-?[\d.]+|null)/g)].map((match) => match[1]);
    const exact = [...expectedFile(of, everything, 1).records('entries', { exact: true })]
      .filter((one) => 'forecastValue' in one)
      .map((one) => (one['forecastValue'] === null ? 'null' : one['forecastValue']));
    expect(exact).toEqual(literals);
    expect(exact).toContain('9007199254740993');
  });

  it('has names that trip a splitter, a shared name, second roles and spellings of e-mails', () => {
    const users = parsed(fileOf(forecast({ entries: 20_000, users: 1000 })))['users'] ?? [];
    const names = users.map((user) => String(user['name']));
    for (const part of ['🚀', '"', '\\', '{', '],[', '},{"userId', 'Ł', '美']) {
      expect(
        names.some((name) => name.includes(part)),
        part,
      ).toBe(true);
    }
    expect(names.filter((name) => name === 'Alex Morgan')).toHaveLength(20);
    const people = groupByPerson(users);
    const roles = [...people.values()].filter((rows) => rows.length > 1);
    expect(roles).toHaveLength(20);
    for (const rows of roles) {
      expect(new Set(rows.map((row) => row['name'])).size).toBe(1);
      const emails = rows.map((row) => String(row['email']));
      expect(new Set(emails).size).toBe(2);
      expect(new Set(emails.map((email) => email.toLowerCase())).size).toBe(1);
    }
    const emails = users.map((user) => String(user['email']));
    expect(emails.every((email) => /@example\.(com|org)$/i.test(email))).toBe(true);
    expect(new Set(emails.map((email) => email.toLowerCase())).size).toBe(980);
    expect(names.filter((name) => name !== 'Alex Morgan').length - new Set(names).size).toBe(19);
  });

  it('says who updated by id or by a name of the users list', () => {
    const content = parsed(fileOf(forecast({ entries: 2000 })));
    const names = new Set(content['users']?.map((user) => user['name']));
    const updaters = (content['entries'] ?? []).flatMap((one) =>
      'updatedBy' in one ? [String(one['updatedBy'])] : [],
    );
    const [ids, others] = [updaters.filter((who) => /^\d+$/.test(who)), updaters.filter((who) => !/^\d+$/.test(who))];
    expect(ids.length).toBeGreaterThan(100);
    expect(others.length).toBeGreaterThan(100);
    expect(others.every((who) => names.has(who))).toBe(true);
  });

  it('has a value key only for a type that was asked for', () => {
    const only = (type: FileRequest['typesToExport'][number]): Set<string> =>
      keysOf(entriesOf(forecast(), { ...everything, typesToExport: [type] }));
    const key = ['timePeriodId', 'timeFrameId', 'userId', 'fieldId'];
    expect(only('forecast')).toEqual(new Set([...key, 'forecastValue', 'currency']));
    expect(only('quota')).toEqual(new Set([...key, 'quotaValue', 'currency']));
    expect(only('forecast_updated')).toEqual(new Set([...key, 'isUpdated', 'updatedBy', 'updatedOn']));
    expect(only('adjustment')).toEqual(new Set([...key, 'currency', 'adjustmentValue', 'adjustedBy', 'adjustedOn']));
    expect(only('crm_total')).toEqual(new Set([...key, 'currency', 'aggregationTotal']));
    expect(only('crm_closed')).toEqual(new Set([...key, 'currency', 'crmClosed']));
  });

  it('has unordered weeks, the first before the quarter, or the last week alone with the same values', () => {
    const of = forecast({ entries: 4017 });
    const all = parsed(fileOf(of));
    const weeks = (all['timeFrames'] ?? []).map((frame) => String(frame['timeFrameId']));
    expect(weeks.length).toBeGreaterThan(5);
    expect(weeks).not.toEqual([...weeks].sort());
    const quarterStart = String(all['timePeriods']?.[0]?.['startDate']);
    expect(quarterStart).toBe('2026-10-01');
    expect([...weeks].sort()[0]?.slice(3)).toBe('2026-09-30');

    const last = [...weeks].sort().at(-1);
    const current = parsed(fileOf(of, { ...everything, includeHistorical: false }));
    expect(current['timeFrames']?.map((frame) => frame['timeFrameId'])).toEqual([last]);
    expect(current['entries']).toEqual(all['entries']?.filter((one) => one['timeFrameId'] === last));
  });

  it.each([
    ['GBP', '£'],
    ['SEK', 'SEK'],
  ])('comes in one currency, %s, when that was asked for', (currency, symbol) => {
    const entries = entriesOf(forecast(), { ...everything, currency });
    expect(new Set(entries.map(code))).toEqual(new Set([currency, undefined]));
    const told = entries.flatMap((entry) => (code(entry) === undefined ? [] : [entry['currency']]));
    expect(told[0]).toEqual(expect.objectContaining({ code: currency, symbol }));
  });

  it.each(['five-lists', 'flat'] as const)('names every person of a %s file as a personal value', (shape) => {
    const of = forecast({ entries: 3000, users: 150, shape });
    const values = [...expectedFile(of, everything, 1).personalValues()];
    const [names, emails] = (['name', 'email'] as const).map(
      (kind) => new Set(values.filter((one) => one.kind === kind).map((one) => one.value)),
    );
    const content = parsed(fileOf(of));
    const people = shape === 'flat' ? content['entries'] : content['users'];
    const [name, email] = shape === 'flat' ? ['ownerName', 'ownerEmail'] : ['name', 'email'];
    expect(people?.every((one) => names?.has(String(one[name])) && emails?.has(String(one[email])))).toBe(true);
    expect(names).toEqual(new Set(people?.map((one) => one[name])));
  });
});

function groupByPerson(users: readonly ExpectedRecord[]): Map<string | undefined, ExpectedRecord[]> {
  const groups = new Map<string | undefined, ExpectedRecord[]>();
  for (const user of users) {
    const person = String(user['userId']).split(':')[0];
    groups.set(person, [...(groups.get(person) ?? []), user]);
  }
  return groups;
}
