import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportTypes } from '../../src/model/request.js';
import type { ExpectedFile, ExpectedRecord, FakeClari, ListName } from '../../src/testing/index.js';
import type { PlainAnswer } from './fake-clari-client.js';
import { call, post, startFake } from './fake-clari-client.js';

interface Row {
  readonly name: string;
  readonly shape: 'five-lists' | 'flat';
  readonly path: string;
  readonly body: unknown;
  readonly list: ListName;
}

const everything = { typesToExport: exportTypes, includeHistorical: true };
const forecast = '/export/forecast/emea_bookings';
const rows: readonly Row[] = [
  { name: 'five lists', shape: 'five-lists', path: forecast, body: everything, list: 'entries' },
  { name: 'a flat list', shape: 'flat', path: forecast, body: everything, list: 'entries' },
  { name: 'CSV', shape: 'five-lists', path: forecast, body: { ...everything, exportFormat: 'CSV' }, list: 'rows' },
  {
    name: 'activities',
    shape: 'flat',
    path: '/export/activity',
    body: { startDate: '2026-10-13T00:00:00Z' },
    list: 'activities',
  },
  { name: 'audit events', shape: 'flat', path: '/export/audit/events', body: {}, list: 'items' },
];

const start = (shape: Row['shape'], maxRows?: number): Promise<FakeClari> =>
  startFake({
    dialect: 'published',
    audit: { perDay: 30 },
    now: () => Date.UTC(2026, 9, 15, 10, 30),
    forecasts: [{ forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: 500, shape }],
    ...(maxRows === undefined ? {} : { maxRows }),
  });

const jobOf = async (fake: FakeClari, { path, body }: Row): Promise<string> =>
  String((await post(fake, path, body)).body['jobId']);

async function fileOf(fake: FakeClari, jobId: string): Promise<{ answer: PlainAnswer; expected: ExpectedFile }> {
  const answer = await call(fake, `/export/jobs/${jobId}/results`);
  const expected = fake.expected(jobId);
  expect(createHash('sha256').update(answer.bytes).digest('hex')).toBe(expected.sha256());
  expect(answer.bytes.length).toBe(expected.bytes);
  return { answer, expected };
}

describe.each(rows)('a truncated export ($name)', (row) => {
  const { list } = row;

  it('has the first records alone, in a whole file, where the tenant’s limit is exceeded', async () => {
    const [limited, free] = [await start(row.shape, 70), await start(row.shape)];
    const [jobId, other] = [await jobOf(limited, row), await jobOf(free, row)];
    expect((await call(limited, `/export/jobs/${jobId}`)).body['rowsTruncated']).toBe(false);
    for (const [fake, id] of [
      [limited, jobId],
      [free, other],
    ] as const)
      fake.jobs.update(id, { state: 'done' });
    expect((await call(limited, `/export/jobs/${jobId}`)).body).toMatchObject({
      rowsTruncated: true,
      cellsTruncated: false,
    });
    const [{ answer, expected }, whole] = [await fileOf(limited, jobId), await fileOf(free, other)];
    expect((await call(free, `/export/jobs/${other}`)).body['rowsTruncated']).toBe(false);
    expect(expected.counts[list]).toBe(70);
    expect([...expected.records(list)]).toEqual([...whole.expected.records(list)].slice(0, 70));
    if (list === 'rows') expect(answer.bytes.toString('utf8').endsWith('\r\n')).toBe(true);
    else expect(answer.body[list]).toEqual([...expected.records(list)]);
  });

  it('is left whole where it just keeps the limit', async () => {
    const rowCount = await (async (): Promise<number> => {
      const fake = await start(row.shape);
      return fake.expected(await jobOf(fake, row)).counts[list];
    })();
    const fake = await start(row.shape, rowCount);
    const jobId = await jobOf(fake, row);
    fake.jobs.update(jobId, { state: 'done' });
    expect(fake.jobs.get(jobId)?.rowsTruncated).toBe(false);
    expect((await fileOf(fake, jobId)).expected.counts[list]).toBe(rowCount);
  });

  it('loses its second half when a test says that rows were cut', async () => {
    const fake = await start(row.shape);
    const jobId = await jobOf(fake, row);
    fake.jobs.update(jobId, { state: 'done' });
    const { answer: whole, expected: all } = await fileOf(fake, jobId);
    fake.jobs.update(jobId, { rowsTruncated: true });
    const { answer, expected } = await fileOf(fake, jobId);
    expect(expected.counts[list]).toBe(Math.floor(all.counts[list] / 2));
    expect(answer.headers['etag']).not.toBe(whole.headers['etag']);
    const [people, allPeople] = [expected, all].map((file) => new Set(valuesOf(file)));
    expect([...(people ?? [])].every((value) => allPeople?.has(value))).toBe(true);
  });

  it('lacks the content of cells when a test says that cells were cut, in as many records', async () => {
    const fake = await start(row.shape);
    const jobId = await jobOf(fake, row);
    fake.jobs.update(jobId, { state: 'done' });
    const { expected: all } = await fileOf(fake, jobId);
    fake.jobs.update(jobId, { cellsTruncated: true });
    const { answer, expected } = await fileOf(fake, jobId);
    if (list !== 'rows') expect(answer.body[list]).toEqual([...expected.records(list)]);
    const before = [...all.records(list)];
    const pairs = [...expected.records(list)].map((record, index): [ExpectedRecord, ExpectedRecord | undefined] => [
      record,
      before[index],
    ]);
    expect(pairs).toHaveLength(all.counts[list]);
    const poorer = pairs.filter(([record, richer]) => JSON.stringify(record) !== JSON.stringify(richer));
    expect(poorer.length).toBeGreaterThan(pairs.length / 5);
    expect(poorer.length).toBeLessThan(pairs.length / 2);
    for (const [record, richer] of poorer)
      expect(JSON.stringify(record).length).toBeLessThan(JSON.stringify(richer).length);
  });
});

const valuesOf = (file: ExpectedFile): string[] => [...file.personalValues()].map(({ value }) => value);
