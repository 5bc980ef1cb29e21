import { describe, expect, it } from 'vitest';
import type { FakeClari, FaultRule } from '../../src/testing/index.js';
import { ask, call, create, startFake } from './fake-clari-client.js';

type JobFault = Omit<Extract<FaultRule['fault'], { readonly kind: 'job' }>, 'kind'>;

const made = async (fake: FakeClari): Promise<string> => String((await create(fake)).body['jobId']);
const job = async (fake: FakeClari, jobId: string): Promise<unknown> =>
  (await call(fake, `/export/jobs/${jobId}`)).body;

describe('a job that a rule has made', () => {
  it.each<[JobFault, string, object]>([
    [{ end: 'failed' }, 'FAILED', {}],
    [{ end: 'aborted' }, 'ABORTED', {}],
    [{ end: 'cancelled' }, 'CANCELLED', {}],
    [{ rowsTruncated: true }, 'DONE', { rowsTruncated: true, cellsTruncated: false }],
    [{ cellsTruncated: true }, 'DONE', { rowsTruncated: false, cellsTruncated: true }],
  ])('ends as was said (%j), and the next one as ever', async (how, word, flags) => {
    const faults: FaultRule[] = [{ fault: { kind: 'job', ...how } }];
    const fake = await startFake({ dialect: 'published', pollsUntilDone: 1, faults });
    const [struck, other] = [await made(fake), await made(fake)];
    for (const jobId of [struck, other])
      expect(await job(fake, jobId)).toMatchObject({
        status: 'SCHEDULED',
        rowsTruncated: false,
        cellsTruncated: false,
      });
    expect(await job(fake, struck)).toMatchObject({ status: word, ...flags });
    expect(await job(fake, other)).toMatchObject({ status: 'DONE', rowsTruncated: false, cellsTruncated: false });
    if (word === 'DONE') expect(fake.expected(struck).bytes).toBeLessThan(fake.expected(other).bytes);
  });

  it('ends so after its time, whatever its schedule', async () => {
    let now = 1_000_000;
    const faults: FaultRule[] = [{ fault: { kind: 'job', end: 'failed' } }];
    const fake = await startFake({ dialect: 'published', jobDurationMs: 1000, faults, now: () => now });
    const jobId = String((await create(fake, { schedule: 'MAX' })).body['jobId']);
    now += 999;
    expect(await job(fake, jobId)).toMatchObject({ status: 'STARTED' });
    now += 1;
    expect(await job(fake, jobId)).toMatchObject({ status: 'FAILED', endTime: 1_001_000 });
  });

  it('is the first that comes to be: a refused request costs the rule nothing', async () => {
    const faults: FaultRule[] = [{ fault: { kind: 'job', end: 'failed' } }];
    const fake = await startFake({ dialect: 'published', pollsUntilDone: 0, faults });
    expect((await create(fake, { currency: 'doubloons' })).status).toBe(400);
    expect(fake.faults.rules()).toMatchObject([{ struck: 0 }]);
    expect(await job(fake, await made(fake))).toMatchObject({ status: 'FAILED' });
    expect(fake.journal.entries.map(({ faults: kinds }) => kinds)).toEqual([[], ['job'], []]);
  });
});

describe('a job that is changed over HTTP', () => {
  const patch = (fake: FakeClari, jobId: string, body: unknown) =>
    ask(`${fake.controlUrl}/jobs/${jobId}`, { method: 'PATCH', body: JSON.stringify(body) });

  it('is what it was changed to', async () => {
    const fake = await startFake({ dialect: 'published' });
    const jobId = await made(fake);
    const change = { state: 'done', cellsTruncated: true, expiredTime: 8_000_000_000_000 } as const;
    const { status, body } = await patch(fake, jobId, change);
    expect([status, body]).toEqual([200, expect.objectContaining({ jobId, ...change })]);
    expect(fake.jobs.get(jobId)).toMatchObject(change);
    expect((await patch(fake, jobId, { statusWord: 'PONDERING' })).status).toBe(200);
    expect(await job(fake, jobId)).toMatchObject({ status: 'PONDERING', cellsTruncated: true });
  });

  it.each([
    [{ state: 'fail' }, 'body.state: must be one of scheduled, started, done, failed, cancelled, aborted'],
    [{ state: 'dome' }, '; done was probably meant'],
    [{ rowTruncated: true }, 'body.rowTruncated: no such field; rowsTruncated was probably meant'],
    [{ rowsTruncated: 'yes' }, 'body.rowsTruncated: must be true or false without quotes'],
    [{ endTime: 1e17 }, 'body.endTime: must be a number of at most'],
    [{}, 'body: changes nothing; give some of state, statusWord'],
    [[], 'body: must be an object'],
  ])('stays as it is by %j, which is refused', async (change, line) => {
    const fake = await startFake({ dialect: 'published' });
    const jobId = await made(fake);
    const before = fake.jobs.get(jobId);
    const { status, body } = await patch(fake, jobId, change);
    expect([status, String(body['faults'])]).toEqual([400, expect.stringContaining(line)]);
    expect(fake.jobs.get(jobId)).toEqual(before);
  });

  it('has to be there', async () => {
    const fake = await startFake({ dialect: 'published' });
    const { status, body } = await patch(fake, 'none', { state: 'done' });
    expect([status, body['faults']]).toEqual([404, ['no job none; GET /_fake/jobs tells which there are']]);
  });
});
