import { describe, expect, it } from 'vitest';
import type { FakeClari, FakeClariOptions } from '../../src/testing/index.js';
import { OTHER_TOKEN, call, create, exported, finishedJob, post, startFake } from './fake-clari-client.js';

const START = Date.UTC(2026, 9, 15, 10, 30);
const MINUTE_MS = 60_000;
const forecasts = [
  { forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: 100, shape: 'five-lists' },
] as const;

const statusOf = async (fake: FakeClari, jobId: string): Promise<unknown> =>
  (await call(fake, `/export/jobs/${jobId}`)).body['status'];

describe('jobs of all kinds', () => {
  it('stand in the list of their user, with their modules', async () => {
    const fake = await startFake({ dialect: 'published', now: () => START });
    await create(fake);
    await post(fake, '/export/activity', { startDate: '2026-10-14T00:00:00Z' }, OTHER_TOKEN);
    await post(fake, '/export/audit/events', {});
    const listed = async (token?: string): Promise<unknown> =>
      ((await call(fake, '/export/jobs', {}, token)).body as unknown as Record<string, unknown>[]).map(
        (job) => job['module'],
      );
    expect(await listed()).toEqual(['FORECAST', 'AUDIT']);
    expect(await listed(OTHER_TOKEN)).toEqual(['ACTIVITY']);
    expect(fake.jobs.all().map((job) => job.kind)).toEqual(['forecast', 'activity', 'audit']);
  });

  it('fail, are cancelled and have results like any other', async () => {
    const fake = await startFake({ dialect: 'published', now: () => START, pollsUntilDone: 0 });
    fake.jobs.failNext();
    const made = async (): Promise<string> => String((await post(fake, '/export/audit/events', {})).body['jobId']);
    const [failed, cancelled, done] = [await made(), await made(), await made()];
    expect(await statusOf(fake, failed)).toBe('FAILED');
    const cancel = { method: 'PATCH', body: '{"type":"CANCEL"}' } as const;
    expect((await call(fake, `/export/jobs/${cancelled}`, cancel)).body['status']).toBe('CANCELLED');
    expect(await statusOf(fake, done)).toBe('DONE');
    expect((await call(fake, `/export/jobs/${failed}/results`)).status).toBe(400);
    expect((await call(fake, `/export/jobs/${done}/results`)).status).toBe(200);
    expect((await call(fake, `/export/jobs/${done}/results`, {}, OTHER_TOKEN)).status).toBe(400);
  });
});

describe('a schedule', () => {
  it.each([
    ['NONE', 0],
    ['ONCE', 1],
    ['MAX', 3],
  ])('of %s tries a failed export again %i times, thirty minutes apart', async (schedule, retries) => {
    let now = START;
    const fake = await startFake({ dialect: 'published', jobDurationMs: MINUTE_MS, now: () => now });
    fake.jobs.failNext();
    const jobId = String((await create(fake, { schedule })).body['jobId']);
    const seen: unknown[] = [];
    for (let attempt = 0; attempt <= retries; attempt += 1) {
      now += 30_000;
      seen.push(await statusOf(fake, jobId));
      now += 30_000;
      seen.push(await statusOf(fake, jobId));
      now += 30 * MINUTE_MS - 1;
      if (attempt < retries) seen.push(await statusOf(fake, jobId));
      now += 1;
    }
    const waiting = ['STARTED', 'SCHEDULED', 'SCHEDULED'];
    expect(seen).toEqual([...Array.from({ length: retries }, () => waiting).flat(), 'STARTED', 'FAILED']);
    expect(fake.jobs.get(jobId)?.endTime).toBe(START + MINUTE_MS + retries * 31 * MINUTE_MS);
    expect(fake.jobs.all()).toHaveLength(1);
  });

  it('may save an export whose first attempts fail', async () => {
    let now = START;
    const fake = await startFake({ dialect: 'published', jobDurationMs: MINUTE_MS, now: () => now });
    fake.jobs.failNext(1, 2);
    const jobId = String((await create(fake, { schedule: 'MAX' })).body['jobId']);
    now += 62 * MINUTE_MS;
    expect(await statusOf(fake, jobId)).toBe('SCHEDULED');
    now += MINUTE_MS;
    expect(await statusOf(fake, jobId)).toBe('DONE');
  });

  it('waits by the clock where reads move jobs on, and can be cancelled meanwhile', async () => {
    let now = START;
    const fake = await startFake({ dialect: 'published', pollsUntilDone: 1, now: () => now });
    fake.jobs.failNext(2, 1);
    const [jobId, other] = [
      String((await create(fake, { schedule: 'ONCE' })).body['jobId']),
      String((await create(fake, { schedule: 'ONCE' })).body['jobId']),
    ];
    const words = async (): Promise<unknown[]> => [await statusOf(fake, jobId), await statusOf(fake, jobId)];
    expect(await words()).toEqual(['SCHEDULED', 'SCHEDULED']);
    expect(await words()).toEqual(['SCHEDULED', 'SCHEDULED']);
    now += 30 * MINUTE_MS;
    expect(await words()).toEqual(['SCHEDULED', 'DONE']);
    await statusOf(fake, other);
    await statusOf(fake, other);
    const cancel = { method: 'PATCH', body: '{"type":"CANCEL"}' } as const;
    expect((await call(fake, `/export/jobs/${other}`, cancel)).body['status']).toBe('CANCELLED');
    now += 60 * MINUTE_MS;
    expect(await statusOf(fake, other)).toBe('CANCELLED');
  });

  it.each(['TWICE', null, 1])('of %j is refused', async (schedule) => {
    const refused = await create(await startFake({ dialect: 'published' }), { schedule });
    expect([refused.status, refused.body['code']]).toEqual([400, 'bad_request']);
  });
});

describe('a variant of a tenant', () => {
  const start = (dialect: 'brief' | 'published', variants: FakeClariOptions['variants'] & object): Promise<FakeClari> =>
    startFake({ dialect, variants, forecasts });

  it('calls a job’s id otherwise', async () => {
    const fake = await start('published', { idName: 'id' });
    const { body } = await create(fake);
    expect(Object.keys(body)).toEqual(['id']);
    const status = await call(fake, `/export/jobs/${String(body['id'])}`);
    expect(status.body).toMatchObject({ id: body['id'], module: 'FORECAST' });
    expect(status.body).not.toHaveProperty('jobId');
    expect((await call(fake, '/export/jobs')).body).toMatchObject([{ id: body['id'] }]);
  });

  it('wraps the answer to a creation, under another status code', async () => {
    const fake = await start('published', { idName: 'id', wrapCreated: true, createStatus: 202 });
    const { status, body } = await create(fake);
    expect([status, body]).toEqual([202, { job: { id: fake.jobs.all()[0]?.jobId } }]);
    expect(fake.journal.jobsCreated()).toEqual([fake.jobs.all()[0]?.jobId]);
  });

  it.each([
    ['lower-case', 'published', ['pending', 'pending', 'complete', 'failed']],
    ['queue', 'published', ['QUEUED', 'RUNNING', 'DONE', 'FAILED']],
    ['queue', 'brief', ['QUEUED', 'RUNNING', 'DONE', 'FAILED']],
    ['dialect', 'brief', ['PENDING', 'PENDING', 'COMPLETED', 'FAILED']],
  ] as const)('has other words for states: %s (%s)', async (statusWords, dialect, words) => {
    const fake = await start(dialect, { statusWords });
    const jobId = String((await create(fake)).body['jobId']);
    const seen = [];
    for (const state of ['scheduled', 'started', 'done', 'failed'] as const) {
      fake.jobs.update(jobId, { state });
      seen.push(await statusOf(fake, jobId));
    }
    expect(seen).toEqual(words);
  });

  it.each([
    ['array', 'brief'],
    ['jobs', 'published'],
    ['job', 'published'],
    ['job', 'brief'],
  ] as const)('gives its list of jobs as %s (%s)', async (jobList, dialect) => {
    const fake = await start(dialect, { jobList });
    await create(fake);
    const jobs = [{ module: 'FORECAST' }];
    expect((await call(fake, '/export/jobs')).body).toMatchObject(jobList === 'array' ? jobs : { [jobList]: jobs });
  });

  it.each([
    ['published', 'flat', ['entries']],
    ['brief', 'five-lists', ['entries', 'users', 'fields', 'timePeriods', 'timeFrames']],
  ] as const)('has files of the other dialect’s shape (%s, %s)', async (dialect, shape, lists) => {
    const fake = await startFake({ dialect, forecasts: [{ ...forecasts[0], shape }] });
    const counts = fake.expected(await finishedJob(fake)).counts;
    expect(Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [name] : []))).toEqual(lists);
  });

  it.each([400, 403, 404, 410] as const)('answers %i where a file has expired', async (expiredResults) => {
    let now = START;
    const fake = await startFake({ dialect: 'published', variants: { expiredResults }, now: () => now });
    const { jobId, status } = await exported(fake, '/export/forecast/emea_bookings', {});
    expect(status).toBe(200);
    now += 30 * 24 * 60 * MINUTE_MS;
    const expired = await call(fake, `/export/jobs/${jobId}/results`);
    expect([expired.status, expired.body['code'], expired.body['namespace']]).toEqual([
      ...[expiredResults, 'invalid_jobId', 'exports'],
    ]);
    expect((await call(fake, `/export/jobs/${'f'.repeat(24)}/results`)).status).toBe(400);
  });
});
