import { once } from 'node:events';
import { createServer } from 'node:net';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import type { FakeClari } from '../../src/testing/index.js';
import { startFakeClari } from '../../src/testing/index.js';
import { OTHER_TOKEN, TOKEN, ask, call, create, finishedJob, freshLink, startFake } from './fake-clari-client.js';

const big = [
  { forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: 2_000_000, shape: 'five-lists' },
] as const;

describe('the journal', () => {
  it('holds what was asked and what was answered', async () => {
    const fake = await startFake({ dialect: 'brief' });
    const jobId = await finishedJob(fake);
    const link = await freshLink(fake, jobId);
    const part = await ask(link, { headers: { range: 'bytes=5-14', 'if-range': '"x"' } });
    await ask(`${fake.apiUrl}/export/jobs?page=2`);
    expect(fake.journal.entries).toMatchObject([
      {
        server: 'api',
        method: 'POST',
        path: '/v4/export/forecast/emea_bookings',
        status: 200,
        apikeyPresent: true,
        jobId,
      },
      { server: 'api', method: 'GET', path: `/v4/export/jobs/${jobId}`, status: 200, apikeyPresent: true, jobId },
      { server: 'link', method: 'GET', status: 200, apikeyPresent: false, range: 'bytes=5-14', ifRange: '"x"', jobId },
      {
        server: 'api',
        method: 'GET',
        path: '/v4/export/jobs?page=2',
        status: 401,
        apikeyPresent: false,
        jobId: undefined,
      },
    ]);
    const fetched = await fake.journal.waitFor((entry) => entry.server === 'link' && entry.end === 'whole');
    expect(fetched.bytesSent).toBe(part.bytes.length);
    expect(fake.journal.jobsCreated()).toEqual([jobId]);
    expect(fake.journal.linkFetches(jobId)).toHaveLength(1);
    expect(fake.journal.linkFetches('f'.repeat(24))).toHaveLength(0);
  });

  it('holds nothing that signs a link', async () => {
    const fake = await startFake({ dialect: 'brief' });
    const link = await freshLink(fake, await finishedJob(fake));
    await ask(link);
    const signature = new URL(link).searchParams.get('signature') ?? 'none';
    expect(JSON.stringify(fake.journal.entries)).not.toContain(signature);
    expect(JSON.stringify(fake.journal.entries)).not.toContain(TOKEN);
  });

  it.each([
    ['in its own header', { apikey: TOKEN }, ''],
    ['in another header', { authorization: `Bearer ${OTHER_TOKEN}` }, ''],
    ['in the address', {}, `&key=${TOKEN}`],
    ['after it was revoked', { 'x-key': 'was-good' }, ''],
  ])('notices a token %s that reached the link host', async (_, headers: Record<string, string>, query) => {
    const fake = await startFake({ dialect: 'brief' });
    fake.tokens.add({ token: 'was-good', userId: 3 });
    fake.tokens.revoke('was-good');
    const link = await freshLink(fake, await finishedJob(fake));
    await ask(link);
    expect(fake.journal.apikeyReachedLinkHost()).toBe(false);
    await ask(`${link}${query}`, { headers });
    expect(fake.journal.apikeyReachedLinkHost()).toBe(true);
  });

  it.each([
    ['/export/jobs?apikey=TOKEN', '/v4/export/jobs?apikey=[token]', undefined],
    ['/export/jobs/TOKEN', '/v4/export/jobs/[token]', '[token]'],
    ['/export/jobs/TOKEN/results', '/v4/export/jobs/[token]/results', '[token]'],
    ['/export/jobs/%74oken-of-noor?a=%zz', '/v4/export/jobs/[token]?a=%zz', '[token]'],
    ['/export/jobs?was=TOKEN-and-more', '/v4/export/jobs?was=[token]', undefined],
    ['/export/forecast/emea%20bookings', '/v4/export/forecast/emea%20bookings', undefined],
  ])('does not show the token that stands in %s', async (asked, path, jobId) => {
    const fake = await startFake({ dialect: 'published' });
    fake.tokens.add({ token: `${TOKEN}-and-more`, userId: 3 });
    fake.tokens.revoke(`${TOKEN}-and-more`);
    await call(fake, asked.replace('TOKEN', TOKEN));
    expect(fake.journal.entries).toMatchObject([{ path, jobId, apikeyPresent: true }]);
    expect(JSON.stringify((await ask(`${fake.controlUrl}/journal`)).body)).not.toContain('noor');
    expect(fake.journal.entries[0]?.jobId).toBe(jobId);
  });

  it('wakes who waits for a request that is yet to come', async () => {
    const fake = await startFake({ dialect: 'published' });
    const awaited = fake.journal.waitFor((entry) => entry.method === 'POST' && entry.status === 200);
    const [{ body }, entry] = await Promise.all([create(fake), awaited]);
    expect(entry.jobId).toBe(body['jobId']);
  });

  it('wakes who waits for the middle of a download, which goes no faster than its reader', async () => {
    const fake = await startFake({ dialect: 'published', forecasts: big });
    const jobId = await finishedJob(fake, { includeHistorical: true });
    const url = `${fake.apiUrl}/export/jobs/${jobId}/results`;
    const answer = await request(url, { headers: { apikey: TOKEN } });
    const entry = await fake.journal.waitFor((one) => one.bytesSent > 100_000);
    // Nobody reads: what is on its way is what sockets and streams hold.
    expect(entry.end).toBeUndefined();
    expect(entry.bytesSent).toBeLessThan(50_000_000);
    answer.body.on('error', () => undefined).destroy();
    expect(fake.expected(jobId).bytes).toBeGreaterThan(300_000_000);
  });

  it('stops making a file when its reader has gone', async () => {
    const fake = await startFake({ dialect: 'published', forecasts: big });
    const jobId = await finishedJob(fake, { includeHistorical: true });
    const answer = await request(`${fake.apiUrl}/export/jobs/${jobId}/results`, { headers: { apikey: TOKEN } });
    const entry = await fake.journal.waitFor((one) => one.jobId === jobId && one.method === 'GET' && one.bytesSent > 0);
    answer.body.on('error', () => undefined).destroy();
    await fake.journal.waitFor((one) => one === entry && one.end === 'broken');
    expect((await call(fake, '/export/jobs')).status).toBe(200);
    expect(entry.bytesSent).toBeLessThan(fake.expected(jobId).bytes);
  });

  it('lets go of who waits when the server closes, and on a signal', async () => {
    const fake = await startFake({ dialect: 'published' });
    const never = (): boolean => false;
    const controller = new AbortController();
    const [closed, aborted] = [fake.journal.waitFor(never), fake.journal.waitFor(never, controller.signal)];
    const outcomes = Promise.allSettled([closed, aborted]);
    controller.abort(new Error('enough'));
    await fake.close();
    const reasons = (await outcomes).map((outcome) =>
      outcome.status === 'rejected' ? String(outcome.reason) : 'none',
    );
    expect(reasons).toEqual([expect.stringContaining('closed'), 'Error: enough']);
  });
});

describe('a fake server', () => {
  it('ends open connections when it closes, twice without harm', async () => {
    const fake: FakeClari = await startFakeClari({ dialect: 'published', forecasts: big });
    const { jobId } = fake.jobs.create(40_112, {
      forecastId: 'emea_bookings',
      scopeId: null,
      timePeriod: '2027_Q2',
      typesToExport: ['forecast'],
      currency: null,
      includeHistorical: true,
    });
    fake.jobs.update(jobId, { state: 'done' });
    const answer = await request(`${fake.apiUrl}/export/jobs/${jobId}/results`, { headers: { apikey: 'fake-token' } });
    const reading = answer.body.arrayBuffer();
    await Promise.all([expect(reading).rejects.toThrow(), fake.close()]);
    await fake.close();
    await expect(request(fake.apiUrl)).rejects.toThrow();
  });

  it('refuses impossible options', async () => {
    await expect(startFakeClari({ dialect: 'brief', concurrentLimit: -1 })).rejects.toThrow(RangeError);
    await expect(startFakeClari({ dialect: 'brief', currentTimePeriod: 'now' })).rejects.toThrow(RangeError);
  });

  it('listens where it is told to, and leaves nothing open when a port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const taken = (blocker.address() as { port: number }).port;
    await expect(startFakeClari({ dialect: 'brief', apiPort: taken })).rejects.toThrow('EADDRINUSE');
    blocker.close();
    await once(blocker, 'close');
    const fake = await startFake({ dialect: 'brief', apiPort: taken, advertisedHost: 'localhost' });
    expect(fake.apiUrl).toBe(`http://localhost:${taken}/v4`);
  });
});
