import { describe, expect, it } from 'vitest';
import type { Dialect, FakeClari } from '../../src/testing/index.js';
import { OTHER_TOKEN, TOKEN, ask, call, create, finishedJob, startFake } from './fake-clari-client.js';

const UUID = /^[0-9a-f-]{36}$/;
const dialects: readonly Dialect[] = ['brief', 'published'];
const cancel = { method: 'PATCH', body: '{"type": "CANCEL"}' } as const;

const jobIdOf = async (answer: ReturnType<typeof create>): Promise<string> => String((await answer).body['jobId']);
const statusOf = async (fake: FakeClari, jobId: string): Promise<unknown> =>
  (await call(fake, `/export/jobs/${jobId}`)).body['status'];

describe.each(dialects)('the %s dialect', (dialect) => {
  it('refuses a missing, an unknown and a revoked token with a message alone', async () => {
    const fake = await startFake({ dialect });
    const missing = await ask(`${fake.apiUrl}/export/jobs`);
    expect(missing.status).toBe(401);
    expect(Object.keys(missing.body)).toEqual(['message']);
    expect((await call(fake, '/export/jobs', {}, 'no-such-token')).status).toBe(401);
    expect((await call(fake, '/export/jobs')).status).toBe(200);
    fake.tokens.revoke(TOKEN);
    expect((await call(fake, '/export/jobs')).status).toBe(401);
    fake.tokens.add({ token: 'rotated', userId: 40_112 });
    expect((await call(fake, '/export/jobs', {}, 'rotated')).status).toBe(200);
  });

  it('answers an address that leads nowhere as the gateway does', async () => {
    const fake = await startFake({ dialect });
    for (const path of ['/nowhere', '/export/forecast/a/b', '/export/jobs/%zz']) {
      const answer = await call(fake, path);
      expect(answer.status, path).toBe(404);
      expect(Object.keys(answer.body)).toEqual(['message', 'request_id']);
    }
    expect((await ask(`${fake.apiUrl.replace('/v4', '/v5')}/export/jobs`, { headers: { apikey: TOKEN } })).status).toBe(
      404,
    );
    expect((await call(fake, '/export/jobs', { method: 'DELETE' })).status).toBe(404);
  });

  it('tells a user without opt-in so when a job is made, and only then', async () => {
    const fake = await startFake({ dialect, tokens: [{ token: TOKEN, userId: 1, optedIn: false }], orgId: 9 });
    const answer = await create(fake);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code: 'no_optin', namespace: 'fcw', orgId: 9 });
    expect(answer.body['errorId']).toMatch(UUID);
    expect((await call(fake, '/export/jobs')).status).toBe(200);
    expect(fake.jobs.all()).toEqual([]);
  });

  it('moves a job on with the reads of its status', async () => {
    const words = dialect === 'brief' ? ['PENDING', 'PENDING', 'COMPLETED'] : ['SCHEDULED', 'STARTED', 'DONE'];
    const fake = await startFake({ dialect });
    const jobId = await jobIdOf(create(fake));
    for (const word of [...words, words[2]]) expect(await statusOf(fake, jobId)).toBe(word);
  });

  it('ends a job by the clock when it has a duration', async () => {
    const start = Date.UTC(2026, 9, 15, 10, 30, 0);
    let now = start;
    const fake = await startFake({ dialect, jobDurationMs: 60_000, now: () => now });
    const jobId = await jobIdOf(create(fake));
    now = start + 59_999;
    expect(fake.jobs.get(jobId)?.state).toBe('started');
    now = start + 60_500;
    const job = (await call(fake, `/export/jobs/${jobId}`)).body;
    expect(job).toMatchObject({
      jobId,
      userId: 40_112,
      orgId: 733,
      title: 'EMEA Bookings',
      module: 'FORECAST',
      fileType: 'JSON',
      startTime: start,
      endTime: start + 60_000,
      expiredTime: start + 60_000 + 30 * 86_400_000,
      fileName: 'clari_export_emea_bookings_2027_Q2733_20261015_103000.json',
      status: dialect === 'brief' ? 'COMPLETED' : 'DONE',
      rowsTruncated: false,
      cellsTruncated: false,
    });
  });

  it('lets a test end the next job badly, set a state and mark a result as cut', async () => {
    const fake = await startFake({ dialect, pollsUntilDone: 0 });
    fake.jobs.failNext();
    expect(await statusOf(fake, await jobIdOf(create(fake)))).toBe('FAILED');
    const jobId = await finishedJob(fake);
    fake.jobs.update(jobId, { rowsTruncated: true });
    expect((await call(fake, `/export/jobs/${jobId}`)).body).toMatchObject({
      rowsTruncated: true,
      cellsTruncated: false,
    });
    fake.jobs.update(jobId, { state: 'scheduled' });
    for (let read = 0; read < 5; read += 1)
      expect(await statusOf(fake, jobId)).toBe(dialect === 'brief' ? 'PENDING' : 'SCHEDULED');
    fake.jobs.update(jobId, { statusWord: 'QUEUED' });
    expect(await statusOf(fake, jobId)).toBe('QUEUED');
  });

  it('shows a job to its user alone', async () => {
    const fake = await startFake({ dialect });
    const jobId = await jobIdOf(create(fake));
    const foreign = await call(fake, `/export/jobs/${jobId}`, {}, OTHER_TOKEN);
    expect([foreign.status, foreign.body['code']]).toEqual([403, 'SWW']);
    const unknown = await call(fake, `/export/jobs/${'0'.repeat(24)}`);
    expect([unknown.status, unknown.body['code']]).toEqual([400, 'SWW']);
    const listed = async (token: string): Promise<unknown[]> => {
      const { body } = await call(fake, '/export/jobs', {}, token);
      return (dialect === 'brief' ? body['jobs'] : body) as unknown[];
    };
    expect(await listed(OTHER_TOKEN)).toEqual([]);
    expect(await listed(TOKEN)).toMatchObject([
      { jobId, fileName: expect.stringContaining('emea_bookings_2027_Q2') as unknown },
    ]);
  });

  it('wraps the status when told to', async () => {
    const fake = await startFake({ dialect, variants: { wrapStatus: true } });
    const jobId = await jobIdOf(create(fake));
    expect((await call(fake, `/export/jobs/${jobId}`)).body).toMatchObject({ job: { jobId } });
  });

  it('refuses what Clari refuses, with its codes and without a job', async () => {
    const fake = await startFake({ dialect, refuseCrmTypes: true });
    const refusal = async (body: unknown, forecastId?: string): Promise<unknown> => {
      const answer = await create(fake, body, forecastId);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ namespace: 'fcw', orgId: 733 });
      expect(answer.body['errorId']).toMatch(UUID);
      return answer.body['code'];
    };
    expect(await refusal({}, 'no_such')).toBe('no_such_forecast_config');
    expect(await refusal({}, '')).toBe('missing_forecast_id');
    expect(await refusal({ typesToExport: ['forecasts'] })).toBe('bad_request');
    expect(await refusal({ typesToExport: 'forecast' })).toBe('bad_request');
    for (const currency of ['doubloons', 'usd', 'US', ''])
      expect(await refusal({ currency }), currency).toBe('bad_request');
    expect(await refusal({ includeHistorical: 'yes' })).toBe('bad_request');
    expect(await refusal([])).toBe('bad_request');
    expect(await refusal({ typesToExport: ['forecast', 'crm_total'] })).toBe('type_not_supported');
    expect(fake.jobs.all()).toEqual([]);
    expect(fake.journal.jobsCreated()).toEqual([]);
  });

  it('takes a request without a body, with Clari’s defaults', async () => {
    const fake = await startFake({ dialect });
    const answer = await call(fake, '/export/forecast/emea_bookings', { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(fake.jobs.all()[0]?.request).toEqual({
      forecastId: 'emea_bookings',
      timePeriod: '2027_Q2',
      typesToExport: ['forecast', 'forecast_updated'],
      scopeId: null,
      currency: null,
      includeHistorical: false,
      exportFormat: 'JSON',
      schedule: 'NONE',
    });
  });

  it.each(['2019_Q1', '2027-Q1', '', 7, null])(
    'falls back to the current quarter for the period %j, silently',
    async (timePeriod) => {
      const fake = await startFake({ dialect, currentTimePeriod: '2027_Q3' });
      expect((await create(fake, { timePeriod })).status).toBe(200);
      expect((await create(fake, { timePeriod: '2026_Q4' })).status).toBe(200);
      expect(fake.jobs.all().map((job) => job.request.timePeriod)).toEqual(['2027_Q3', '2026_Q4']);
    },
  );

  it('refuses more unfinished jobs than the organisation may have, whoever asks', async () => {
    const fake = await startFake({ dialect, concurrentLimit: 2 });
    const first = await jobIdOf(create(fake));
    await create(fake, {}, 'emea_bookings', OTHER_TOKEN);
    const refused = await create(fake);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      code: 'export_monthly_quota_reached',
      namespace: 'exports',
      source: 'Export',
      orgId: 733,
    });
    fake.jobs.update(first, { state: 'done' });
    expect((await create(fake)).status).toBe(200);
  });

  it('counts jobs of thirty days towards the quota, but not those that were cancelled', async () => {
    let now = Date.UTC(2026, 9, 15);
    const fake = await startFake({ dialect, monthlyQuota: 2, now: () => now });
    await finishedJob(fake);
    const second = await jobIdOf(create(fake));
    expect((await create(fake)).body).toMatchObject({ code: 'export_monthly_quota_reached', source: 'Export' });
    expect((await call(fake, `/export/jobs/${second}`, cancel)).body['successful']).toBe(true);
    await finishedJob(fake);
    expect((await create(fake)).status).toBe(400);
    now += 31 * 86_400_000;
    expect((await create(fake)).status).toBe(200);
  });

  it('cancels an unfinished job once', async () => {
    const fake = await startFake({ dialect });
    const jobId = await jobIdOf(create(fake));
    await statusOf(fake, jobId);
    await statusOf(fake, jobId);
    const wrong = await call(fake, `/export/jobs/${jobId}`, { method: 'PATCH', body: '{"type":"PAUSE"}' });
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'bad_request']);
    expect((await call(fake, `/export/jobs/${jobId}`, cancel, OTHER_TOKEN)).status).toBe(403);
    const done = await call(fake, `/export/jobs/${jobId}`, cancel);
    expect([done.status, done.body]).toEqual([
      200,
      { status: dialect === 'brief' ? 'FAILED' : 'ABORTED', successful: true },
    ]);
    const again = await call(fake, `/export/jobs/${jobId}`, cancel);
    expect([again.status, again.body['code']]).toEqual([400, 'export_failed_to_cancel']);
  });
});

describe('what one dialect has and the other has not', () => {
  it('is the listing of forecasts', async () => {
    const brief = await startFake({ dialect: 'brief', timePeriods: ['2027_Q1'], currentTimePeriod: '2027_Q2' });
    expect((await call(brief, '/export/forecast/list')).body).toEqual({
      forecasts: [{ forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', timePeriods: ['2027_Q1', '2027_Q2'] }],
    });
    const published = await startFake({ dialect: 'published' });
    expect((await call(published, '/export/forecast/list')).status).toBe(404);
  });

  it('is the limits', async () => {
    const published = await startFake({ dialect: 'published', concurrentLimit: 2, monthlyQuota: 250 });
    const idle = {
      concurrentLimit: 2,
      monthlyQuota: 250,
      submittedJobIds: [],
      availableConcurrentLimit: 2,
      availableMonthlyQuota: 250,
    };
    expect((await call(published, '/admin/limits')).body).toEqual({ jobs: idle });
    const jobId = await jobIdOf(create(published));
    published.jobs.update(jobId, { state: 'started' });
    expect((await call(published, '/admin/limits')).body).toEqual({
      jobs: {
        ...idle,
        runningJobIds: [jobId],
        submittedJobIds: [jobId],
        availableConcurrentLimit: 1,
        availableMonthlyQuota: 249,
      },
    });
    expect((await call(await startFake({ dialect: 'brief' }), '/admin/limits')).status).toBe(404);
    expect(
      (await call(await startFake({ dialect: 'brief', limitsInBriefDialect: true }), '/admin/limits')).status,
    ).toBe(200);
  });

  it('is the status in the answer to a creation', async () => {
    expect((await create(await startFake({ dialect: 'brief' }))).body).toMatchObject({ status: 'PENDING' });
    expect(Object.keys((await create(await startFake({ dialect: 'published' }))).body)).toEqual(['jobId']);
  });

  it('is the way to the result', async () => {
    const brief = await startFake({ dialect: 'brief' });
    const published = await startFake({ dialect: 'published' });
    const [briefJob, publishedJob] = [await finishedJob(brief), await finishedJob(published)];
    expect((await call(brief, `/export/jobs/${briefJob}/results`)).status).toBe(404);
    expect((await call(published, `/export/jobs/${publishedJob}/results`)).status).toBe(200);
    expect((await call(brief, `/export/jobs/${briefJob}`)).body['downloadUrl']).toMatch(brief.linkUrl);
    expect((await call(published, `/export/jobs/${publishedJob}`)).body).not.toHaveProperty('downloadUrl');
  });
});
