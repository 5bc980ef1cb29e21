import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FakeClari, FakeClariOptions } from '../../src/testing/index.js';
import type { PlainAnswer, PlainRequest } from './fake-clari-client.js';
import { OTHER_TOKEN, ask, call, finishedJob, freshLink, startFake } from './fake-clari-client.js';

const ENTRIES = 3000;
const small = (dialect: FakeClariOptions['dialect']): FakeClariOptions => ({
  dialect,
  forecasts: [{ forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: ENTRIES, shape: 'five-lists' }],
});
const wanted = {
  typesToExport: ['forecast', 'quota', 'forecast_updated'],
  includeHistorical: true,
  timePeriod: '2027_Q1',
};

/** Fetches the result of a finished job the way of its dialect, with a new link where there are links. */
type Fetch = (options?: PlainRequest) => Promise<PlainAnswer>;
async function fetcher(fake: FakeClari, dialect: FakeClariOptions['dialect'], jobId: string): Promise<Fetch> {
  if (dialect === 'published') return (options) => call(fake, `/export/jobs/${jobId}/results`, options);
  const link = await freshLink(fake, jobId);
  return (options) => ask(link, options);
}

describe.each(['brief', 'published'] as const)('a result in the %s dialect', (dialect) => {
  it('is the file that the oracle expects', async () => {
    const fake = await startFake(small(dialect));
    const jobId = await finishedJob(fake, wanted);
    const { status, bytes, headers, body } = await (await fetcher(fake, dialect, jobId))();
    expect(status).toBe(200);
    const expected = fake.expected(jobId);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(expected.sha256());
    expect(headers['content-length']).toBe(String(expected.bytes));
    expect(body['entries']).toEqual([...expected.records('entries')]);
    expect(body['users']).toEqual([...expected.records('users')]);
    expect(body['timePeriods']).toMatchObject([{ timePeriodId: '2027_Q1' }]);
    expect(fake.jobs.get(jobId)?.downloads).toBe(1);
  });

  it('is the same for another server with the same seed', async () => {
    const etagAndHash = async (seed: number): Promise<unknown> => {
      const fake = await startFake({ ...small(dialect), seed });
      const { headers, bytes } = await (await fetcher(fake, dialect, await finishedJob(fake, wanted)))();
      return [headers['etag'], createHash('sha256').update(bytes).digest('hex')];
    };
    const first = await etagAndHash(7);
    expect(await etagAndHash(7)).toEqual(first);
    expect(await etagAndHash(8)).not.toEqual(first);
  });

  it('comes in parts', async () => {
    const fake = await startFake(small(dialect));
    const fetch = await fetcher(fake, dialect, await finishedJob(fake, wanted));
    const { bytes: whole, headers } = await fetch();
    expect(headers).toMatchObject({ 'accept-ranges': 'bytes', etag: expect.stringMatching(/^"[^"]+"$/) as unknown });
    expect(headers['date']).toBeDefined();
    const end = whole.length;
    const parts: readonly [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=1000-299999', 1000, 300_000],
      [`bytes=${end - 1}-`, end - 1, end],
      [`bytes=500-${end + 9999}`, 500, end],
      ['bytes=-77', end - 77, end],
      [`bytes=-${end + 5}`, 0, end],
    ];
    for (const [range, from, to] of parts) {
      const part = await fetch({ headers: { range } });
      expect(part.status, range).toBe(206);
      expect(part.headers['content-range']).toBe(`bytes ${from}-${to - 1}/${end}`);
      expect(part.headers['content-length']).toBe(String(to - from));
      expect(part.headers['etag']).toBe(headers['etag']);
      expect(part.bytes.equals(whole.subarray(from, to)), range).toBe(true);
    }
  });

  it('refuses a part beyond its end and ignores what is no single range', async () => {
    const fake = await startFake(small(dialect));
    const jobId = await finishedJob(fake, wanted);
    const fetch = await fetcher(fake, dialect, jobId);
    const { bytes: size } = fake.expected(jobId);
    for (const range of [`bytes=${size}-`, `bytes=${size + 10}-${size + 20}`, 'bytes=-0']) {
      const answer = await fetch({ headers: { range } });
      expect([answer.status, answer.headers['content-range'], answer.bytes.length], range).toEqual([
        416,
        `bytes */${size}`,
        0,
      ]);
    }
    for (const range of ['bytes=0-1,5-6', 'bytes=9-3', 'items=0-1', 'bytes=-']) {
      const answer = await fetch({ headers: { range } });
      expect([answer.status, answer.bytes.length], range).toEqual([200, size]);
    }
  });

  it('gives a part only of the version that If-Range names', async () => {
    const fake = await startFake(small(dialect));
    const jobId = await finishedJob(fake, wanted);
    const fetch = await fetcher(fake, dialect, jobId);
    const etag = String((await fetch({ method: 'HEAD' })).headers['etag']);
    const statusFor = async (condition: string): Promise<number> =>
      (await fetch({ headers: { range: 'bytes=10-19', 'if-range': condition } })).status;
    expect(await statusFor(etag)).toBe(206);
    expect(await statusFor('"another"')).toBe(200);
    expect(await statusFor(`W/${etag}`)).toBe(200);
  });

  it('answers HEAD with the headers alone', async () => {
    const fake = await startFake(small(dialect));
    const jobId = await finishedJob(fake, wanted);
    const head = await (await fetcher(fake, dialect, jobId))({ method: 'HEAD', headers: { range: 'bytes=0-1' } });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.headers['content-length']).toBe(String(fake.expected(jobId).bytes));
    expect(fake.jobs.get(jobId)?.downloads).toBe(0);
    const entry = await fake.journal.waitFor((one) => one.method === 'HEAD' && one.end === 'whole');
    expect(entry.bytesSent).toBe(0);
  });

  it('can be read from the end of a file of 3 GB without what stands before', async () => {
    const fake = await startFake({
      dialect,
      forecasts: [
        { forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: 10_000_000, shape: 'five-lists' },
      ],
    });
    const jobId = await finishedJob(fake, {
      includeHistorical: true,
      typesToExport: ['forecast', 'quota', 'crm_closed', 'forecast_updated'],
    });
    const { bytes: size } = fake.expected(jobId);
    expect(size).toBeGreaterThan(2 ** 31);
    const tail = await (await fetcher(fake, dialect, jobId))({ headers: { range: `bytes=${size - 1000}-` } });
    expect(tail.headers['content-range']).toBe(`bytes ${size - 1000}-${size - 1}/${size}`);
    expect(tail.bytes.toString('utf8').endsWith('}]}')).toBe(true);
  });
});

describe('a result of the published dialect', () => {
  it('is not there before the job is done, for another user, for no job, and after it has expired', async () => {
    let now = Date.UTC(2026, 9, 15);
    const fake = await startFake({ ...small('published'), now: () => now });
    const jobId = await finishedJob(fake);
    const refusal = async (id: string, token?: string): Promise<unknown> => {
      const answer = await call(fake, `/export/jobs/${id}/results`, {}, token);
      return [answer.status, answer.body['code'], answer.body['namespace']];
    };
    const invalid = [400, 'invalid_jobId', 'exports'];
    expect(await refusal(jobId, OTHER_TOKEN)).toEqual(invalid);
    expect(await refusal('f'.repeat(24))).toEqual(invalid);
    expect((await call(fake, `/export/jobs/${jobId}/results`)).status).toBe(200);
    now += 30 * 86_400_000;
    expect(await refusal(jobId)).toEqual(invalid);
    for (const state of ['started', 'failed'] as const) {
      fake.jobs.update(jobId, { state });
      expect(await refusal(jobId), state).toEqual(invalid);
    }
  });
});

describe('a download link', () => {
  it('is a new one with every read of a done job, on another port, and all stay good', async () => {
    const fake = await startFake(small('brief'));
    const jobId = await finishedJob(fake);
    const links = [await freshLink(fake, jobId), await freshLink(fake, jobId)];
    expect(new Set(links).size).toBe(2);
    expect(fake.mintedLinks().map((link) => link.url)).toEqual(links);
    for (const link of links) {
      expect(new URL(link).origin).toBe(fake.linkUrl);
      expect(new URL(link).port).not.toBe(new URL(fake.apiUrl).port);
      expect((await ask(link)).status).toBe(200);
    }
  });

  it('is refused once it has lapsed, but for who holds a new one', async () => {
    let now = Date.UTC(2026, 9, 15);
    const fake = await startFake({ ...small('brief'), linkLifetimeMs: 1000, now: () => now });
    const jobId = await finishedJob(fake);
    const old = await freshLink(fake, jobId);
    now += 999;
    expect((await ask(old)).status).toBe(200);
    now += 1;
    const refused = await ask(old);
    expect(refused.status).toBe(403);
    expect(refused.bytes.length).toBeLessThan(300);
    expect((await ask(await freshLink(fake, jobId))).status).toBe(200);
  });

  it('is refused after its last use; HEAD uses nothing up', async () => {
    const fake = await startFake({ ...small('brief'), linkUses: 2 });
    const link = await freshLink(fake, await finishedJob(fake));
    const statuses = [];
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET', 'GET', 'HEAD'] as const)
      statuses.push((await ask(link, { method })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 403, 403]);
  });

  it('is refused when anything in it was changed', async () => {
    const fake = await startFake(small('brief'));
    const [jobId, other] = [await finishedJob(fake), await finishedJob(fake)];
    const link = await freshLink(fake, jobId);
    const later = link.replace(/expires=\d+/, 'expires=9999999999999');
    const stranger = await startFake(small('brief'));
    const forged = (await freshLink(stranger, await finishedJob(stranger))).replace(stranger.linkUrl, fake.linkUrl);
    for (const url of [
      later,
      link.replace(jobId, other),
      forged,
      `${fake.linkUrl}/`,
      link.replace(/signature=.*/, ''),
    ]) {
      expect((await ask(url)).status, url).toBe(403);
    }
    expect((await ask(link)).status).toBe(200);
  });
});
