import { describe, expect, it } from 'vitest';
import { exportTypes } from '../../src/model/request.js';
import type { ExpectedRecord, FakeClari, FakeClariOptions } from '../../src/testing/index.js';
import type { ExportFile } from '../../src/testing/fake-clari/data/export-file.js';
import { forecastFile, recordPlan } from '../../src/testing/fake-clari/data/forecast-file.js';
import { call, create, exported, finishedJob, freshLink, ask, startFake } from './fake-clari-client.js';

const COLUMNS = [
  ...['User', 'Email', 'CRM User ID', 'Role', 'Parent Role', 'Timeframe'],
  ...['Field', 'Week', 'Start Day', 'End Day', 'Data Type', 'Data Value'],
];
const path = '/export/forecast/emea_bookings';
const everything = {
  typesToExport: exportTypes,
  includeHistorical: true,
  exportFormat: 'CSV',
  timePeriod: '2027_Q2',
} as const;

const startCsv = (entries = 4000, options: Partial<FakeClariOptions> = {}): Promise<FakeClari> =>
  startFake({
    dialect: 'published',
    forecasts: [{ forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries, shape: 'five-lists' }],
    ...options,
  });

/** RFC 4180, by the letter: lines end in CRLF, the last one too. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`no CSV at ${at}`);
    const [, raw = '', end] = match;
    row.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

function recordsOf(text: string): ExpectedRecord[] {
  const [header = [], ...rows] = cellsOf(text);
  return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [header[index] ?? '', cell])));
}

const keyOf = (record: ExpectedRecord): string =>
  ['User', 'Email', 'Role', 'Field', 'Week', 'Data Type'].map((column) => String(record[column])).join('|');

describe('a forecast in CSV', () => {
  it('has amounts in whatever currency was asked for', async () => {
    const fake = await startCsv(400);
    const { status, bytes } = await exported(fake, path, { ...everything, currency: 'CHF' });
    const amounts = recordsOf(bytes.toString('utf8')).map((record) => String(record['Data Value']));
    expect(status).toBe(200);
    expect(amounts.filter((amount) => /^-?CHF\d/.test(amount)).length).toBeGreaterThan(100);
    expect(amounts.filter((amount) => /[$€£¥]/.test(amount))).toEqual([]);
  });

  it('has the twelve columns, and the rows that the oracle expects', async () => {
    const fake = await startCsv();
    const { bytes, headers, jobId } = await exported(fake, path, everything);
    const text = bytes.toString('utf8');
    const expected = fake.expected(jobId);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(cellsOf(text)[0]).toEqual(COLUMNS);
    expect(recordsOf(text)).toEqual([...expected.records('rows')]);
    expect(expected.counts).toMatchObject({ rows: recordsOf(text).length, entries: 0 });
    expect(bytes.length).toBe(expected.bytes);
    expect((await call(fake, `/export/jobs/${jobId}`)).body).toMatchObject({
      fileType: 'CSV',
      fileName: expect.stringMatching(/^clari_export_emea_bookings_2027_Q2733_\d{8}_\d{6}\.csv$/) as unknown,
    });
  });

  it('has one row for each user, field, week and data type, as texts of the documented forms', async () => {
    const records = recordsOf((await exported(await startCsv(), path, everything)).bytes.toString('utf8'));
    expect(new Set(records.map(keyOf)).size).toBe(records.length);
    const forms: readonly [string, RegExp][] = [
      ['CRM User ID', /^005EX00\d{8}AAA$/],
      ['Timeframe', /^FY27 Q2$/],
      ['Week', /^\d+$/],
      ['Start Day', /^(09\/30|1[0-2]\/\d\d)\/2026$/],
      ['End Day', /^1[0-2]\/\d\d\/2026$/],
      ['Data Value', /^(Yes|No|-?[$€]?\d{1,3}(,\d{3})*\.\d\d)?$/],
    ];
    for (const [column, form] of forms)
      expect(records.filter((record) => !form.test(String(record[column]))).slice(0, 3), column).toEqual([]);
    const weeks = new Set(records.map((record) => Number(record['Week'])));
    expect([...weeks].sort((one, other) => one - other)).toEqual([...weeks.keys()].map((_, index) => index));
    expect(new Set(records.map((record) => record['Data Type']))).toEqual(
      new Set([
        ...['Forecast Value', 'Forecast Updated', 'Quota Value'],
        ...['Adjustment Value', 'CRM Total', 'CRM Closed'],
      ]),
    );
    const updated = records.filter((record) => record['Data Type'] === 'Forecast Updated');
    expect(new Set(updated.map((record) => record['Data Value']))).toEqual(new Set(['Yes', 'No']));
    expect(records.some((record) => record['Parent Role'] === '')).toBe(true);
  });

  it('has a comma, a quote and a new line in its labels and names, also in the smallest file', async () => {
    const records = recordsOf((await exported(await startCsv(10), path, everything)).bytes.toString('utf8'));
    for (const part of [',', '"', '\n', '🚀'])
      expect(
        records.some((record) => `${String(record['User'])}${String(record['Role'])}`.includes(part)),
        part,
      ).toBe(true);
  });

  it('tells the same amounts as the JSON file, digit by digit', async () => {
    const fake = await startCsv(400);
    const amounts = recordsOf((await exported(fake, path, everything)).bytes.toString('utf8'))
      .filter((record) => record['Data Type'] === 'Forecast Value')
      .map((record) => String(record['Data Value']).replace(/[^\d.-]/g, ''));
    const json = await finishedJob(fake, { ...everything, exportFormat: 'JSON' });
    const exact = [...fake.expected(json).records('entries', { exact: true })]
      .filter((record) => 'forecastValue' in record)
      .map(({ forecastValue }) => (typeof forecastValue === 'string' ? withCents(forecastValue) : ''));
    expect(amounts).toEqual(exact);
    expect(amounts).toContain('9007199254740993.00');
    expect(amounts).toContain('');
  });

  it('labels one field differently in different exports', async () => {
    const fake = await startCsv(400);
    const labels = new Set<unknown>();
    for (const timePeriod of ['2026_Q1', '2026_Q2', '2026_Q3', '2026_Q4', '2027_Q1', '2027_Q2', '2027_Q3']) {
      const records = fake.expectedFor('emea_bookings', {
        ...{ timePeriod, typesToExport: ['forecast'], currency: null, includeHistorical: true },
        exportFormat: 'CSV',
      });
      for (const record of records.records('rows')) labels.add(record['Field']);
    }
    expect(labels).toEqual(new Set(['Commit', 'Best Case', 'Upside / "Stretch"', 'Upside & "Stretch"']));
  });

  it('names every person in it as a personal value, and nobody else', async () => {
    const fake = await startCsv(300);
    const { bytes, jobId } = await exported(fake, path, everything);
    const records = recordsOf(bytes.toString('utf8'));
    const values = new Set([...fake.expected(jobId).personalValues()].map(({ value }) => value));
    expect(values).toEqual(new Set(records.flatMap((record) => [record['User'], record['Email']])));
  });

  it('is the current week alone when no history is asked for', async () => {
    const fake = await startCsv();
    const weeksOf = async (body: object): Promise<Set<unknown>> =>
      new Set(recordsOf((await exported(fake, path, body)).bytes.toString('utf8')).map((record) => record['Week']));
    const last = Math.max(...[...(await weeksOf(everything))].map(Number));
    expect(await weeksOf({ ...everything, includeHistorical: false })).toEqual(new Set([String(last)]));
  });

  it('comes by a link in the brief dialect, also of a forecast that is flat in JSON', async () => {
    const fake = await startFake({ dialect: 'brief' });
    const jobId = await finishedJob(fake, everything);
    const { bytes } = await ask(await freshLink(fake, jobId));
    expect(cellsOf(bytes.toString('utf8'))[0]).toEqual(COLUMNS);
    expect(fake.expected(jobId).counts.rows).toBeGreaterThan(1000);
  });
});

describe('a tenant', () => {
  it('may have no CSV for exports of some size', async () => {
    const fake = await startCsv(1000, { csv: { maxRows: 100 } });
    const refused = await create(fake, everything);
    expect([refused.status, refused.body['code'], refused.body['namespace']]).toEqual([400, 'bad_request', 'fcw']);
    expect((await create(fake, { ...everything, exportFormat: 'JSON' })).status).toBe(200);
    expect((await create(await startCsv(10, { csv: { maxRows: 100 } }), everything)).status).toBe(200);
  });

  it('may answer JSON to who asks for CSV', async () => {
    const fake = await startCsv(100, { csv: { content: 'json' } });
    const { body, jobId } = await exported(fake, path, everything);
    expect(body['entries']).toHaveLength(100);
    expect(fake.expected(jobId).counts.entries).toBe(100);
    expect((await call(fake, `/export/jobs/${jobId}`)).body['fileType']).toBe('CSV');
  });

  it('may call CSV JSON', async () => {
    const fake = await startCsv(100, { csv: { mediaType: 'application/json' } });
    const { bytes, headers } = await exported(fake, path, everything);
    expect(headers['content-type']).toBe('application/json');
    expect(bytes.toString('utf8').startsWith('User,Email,')).toBe(true);
  });

  it('may answer the same rows as a bare array of objects', async () => {
    const fake = await startCsv(100, { variants: { results: 'rows' } });
    const { body, jobId } = await exported(fake, path, { ...everything, exportFormat: 'JSON' });
    expect(body).toEqual([...fake.expected(jobId).records('rows')]);
    expect(Object.keys((body as unknown as object[])[0] ?? {})).toEqual(COLUMNS);
  });
});

describe('the generator of CSV', () => {
  const fileOf = (entries: number, seed = 1): ExportFile => {
    const forecast = { forecastId: 'a', forecastName: 'A', entries, shape: 'five-lists' } as const;
    const request = { ...everything, currency: null };
    return forecastFile(forecast, recordPlan(forecast, request, seed), seed, 'csv');
  };

  it.each([0, 1, 10, 4321])('gives any part of the bytes of %i entries', (entries) => {
    const file = fileOf(entries);
    const whole = Buffer.concat([...file.chunks()]);
    expect(whole.length).toBe(file.bytes);
    for (let round = 0; round < 200; round += 1) {
      const from = (round * 7919) % file.bytes;
      const to = Math.min(file.bytes, from + 1 + ((round * 104_729) % 5000));
      expect(file.slice(from, to).equals(whole.subarray(from, to))).toBe(true);
    }
  });

  it('makes the same bytes from the same seed, and others from another', () => {
    expect(fileOf(500).sha256()).toBe(fileOf(500).sha256());
    expect(fileOf(500, 2).sha256()).not.toBe(fileOf(500).sha256());
  });

  it('reads in the middle and at the end of a file far beyond 2^35 bytes', () => {
    const file = fileOf(100_000_000);
    expect(file.bytes).toBeGreaterThan(2 ** 35);
    const middle = file.slice(2 ** 34, 2 ** 34 + 4000).toString('utf8');
    expect(middle).toMatch(/\r\n[^\r]*,FY27 Q2,/);
    const tail = file.slice(file.bytes - 1000, file.bytes).toString('utf8');
    expect(cellsOf(tail.slice(tail.indexOf('\r\n') + 2)).every((row) => row.length === 12)).toBe(true);
  });
});

const withCents = (text: string): string => {
  const [whole = '', cents = ''] = text.split('.');
  return `${whole}.${cents.padEnd(2, '0')}`;
};
