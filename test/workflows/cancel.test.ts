import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { progressQuery, type ExportProgress } from '../../src/model/progress.js';
import type { FaultRule } from '../../src/testing/fake-clari/index.js';
import type { ClariProxy } from '../support/clari-proxy.js';
import { ending, failureOf, stage, start, until } from '../support/runs.js';
import { startProxied } from '../support/proxied-world.js';
import { startWorld, type World } from '../support/world.js';

const forecasts = [
  { forecastId: 'alone', forecastName: 'Alone', entries: 100, shape: 'five-lists' },
  { forecastId: 'early', forecastName: 'Early', entries: 100, shape: 'five-lists' },
  { forecastId: 'looking', forecastName: 'Looking', entries: 100, shape: 'five-lists' },
  { forecastId: 'shared', forecastName: 'Shared', entries: 100, shape: 'five-lists' },
  { forecastId: 'by-hand', forecastName: 'By hand', entries: 100, shape: 'five-lists' },
  { forecastId: 'unheard', forecastName: 'Unheard', entries: 100, shape: 'five-lists' },
  { forecastId: 'given-up', forecastName: 'Given up', entries: 100, shape: 'five-lists' },
  { forecastId: 'large', forecastName: 'Large', entries: 20_000, shape: 'five-lists' },
] as const;
/** Whose token the worker has. */
const USER = 40_112;
let proxy: ClariProxy;
let world: World;
beforeAll(async () => {
  ({ world, proxy } = await startProxied({
    forecasts,
    // No job ends before the test says so.
    pollsUntilDone: 1_000_000,
  }));
});
afterAll(async () => {
  await world.close();
  await proxy.close();
});

const jobOf = (forecastId: string): string =>
  world.clari.jobs.all().find(({ request }) => request.forecastId === forecastId)?.jobId ?? '';
const patches = (jobId: string): string[] => proxy.asked.filter((line) => line === `PATCH /v4/export/jobs/${jobId}`);

describe('a run that is cancelled', () => {
  test('while Clari exports, cancels the job there, leaves nothing behind and ends as cancelled', async () => {
    const handle = await start(world, { forecastId: 'alone', timePeriod: '2027_Q2' });
    await stage(handle, 'exporting');
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    const jobId = jobOf('alone');
    expect(patches(jobId)).toHaveLength(1);
    // Clari's word for it depends on whether the job had begun.
    expect(['cancelled', 'aborted']).toContain(world.clari.jobs.get(jobId)?.state);
    expect(await world.stagedFiles()).toEqual([]);
  });

  test('while it looks at the job, is not mistaken for one that waited in vain', async () => {
    // Longer than the cancellation needs to the server, and shorter than the worker's next heartbeat, by which it would hear of it.
    const late: FaultRule = {
      match: { endpoint: 'jobStatus', forecastId: 'looking' },
      fault: { kind: 'delay', ms: 3_000 },
    };
    world.clari.faults.add(late);
    const handle = await start(world, { forecastId: 'looking', timePeriod: '2027_Q2' });
    await world.clari.journal.waitFor(({ faults }) => faults.includes('delay'));
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    expect(patches(jobOf('looking'))).toHaveLength(1);
    expect(['cancelled', 'aborted']).toContain(world.clari.jobs.get(jobOf('looking'))?.state);
  });

  test('leaves the job to the other runs that wait for it, which others still join', async () => {
    const asked = { forecastId: 'shared', timePeriod: '2027_Q2' };
    const leaver = await start(world, asked, 'leaver');
    await stage(leaver, 'exporting');
    const stayer = await start(world, asked, 'stayer');
    await stage(stayer, 'exporting');
    await leaver.cancel();
    expect(await ending(world.client, leaver)).toBe('CANCELLED');
    const joiner = await start(world, asked, 'joiner');
    await stage(joiner, 'exporting');
    const jobId = jobOf('shared');
    world.clari.jobs.update(jobId, { state: 'done' });
    const [landed, joined] = await Promise.all([stayer.result(), joiner.result()]);
    expect([landed.jobId, joined.exportId]).toEqual([jobId, landed.exportId]);
    expect(patches(jobId)).toEqual([]);
    expect(world.clari.jobs.all().filter(({ request }) => request.forecastId === 'shared')).toHaveLength(1);
  });

  test('before the answer to its request for a job came, finds that job and cancels it', async () => {
    let answered = (): void => undefined;
    const made = new Promise<void>((resolve) => (answered = resolve));
    void proxy.spoilNext({ fits: (method) => method === 'POST', does: 'lose-answer', onAnswer: () => answered() });
    const handle = await start(world, { forecastId: 'early', timePeriod: '2027_Q2' });
    await made;
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    const jobs = world.clari.jobs.all().filter(({ request }) => request.forecastId === 'early');
    expect(jobs.map(({ state }) => state)).toEqual([expect.stringMatching(/cancelled|aborted/)]);
    expect(patches(jobOf('early'))).toHaveLength(1);
  });

  test('and was to land a job that somebody made in Clari, leaves that job alone', async () => {
    const { jobId } = world.clari.jobs.create(USER, {
      ...{ forecastId: 'by-hand', timePeriod: '2027_Q2', typesToExport: ['forecast'] },
      ...{ scopeId: null, currency: null, includeHistorical: true },
    });
    const handle = await start(world, { forecastId: 'by-hand', timePeriod: '2027_Q2', jobId });
    await stage(handle, 'exporting');
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    expect(patches(jobId)).toEqual([]);
    expect(world.clari.jobs.get(jobId)?.state).not.toMatch(/cancelled|aborted/);
  });

  test('whose job was cancelled though no answer said so, leaves no job for the next equal run', async () => {
    const asked = { forecastId: 'unheard', timePeriod: '2027_Q2' };
    const handle = await start(world, asked);
    await stage(handle, 'exporting');
    void proxy.spoilNext({ fits: (method) => method === 'PATCH', does: 'lose-answer' });
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    const first = jobOf('unheard');
    expect(patches(first)).toHaveLength(2);
    const next = await start(world, asked);
    await stage(next, 'exporting');
    const [second] = world.clari.jobs
      .all()
      .filter((job) => job.request.forecastId === 'unheard' && job.jobId !== first);
    world.clari.jobs.update(second?.jobId ?? '', { state: 'done' });
    expect((await next.result()).jobId).toBe(second?.jobId);
  });

  test('says that its job may be left at Clari where Clari can not be told', async () => {
    const brief = { scheduleToClose: 10, retryInitial: 4, retryMaximum: 60 };
    const deaf = await startWorld({
      forecasts,
      pollsUntilDone: 1_000_000,
      settings: { limits: { cancelExport: brief } },
    });
    try {
      const refused = { kind: 'status', status: 503 } as const;
      deaf.clari.faults.add({ match: { endpoint: 'cancelJob' }, fault: refused, times: 'always' });
      const handle = await start(deaf, { forecastId: 'given-up', timePeriod: '2027_Q2' });
      await stage(handle, 'exporting');
      await handle.cancel();
      expect(await ending(deaf.client, handle)).toBe('CANCELLED');
      const shown = await handle.query<ExportProgress>(progressQuery);
      expect(shown).toMatchObject({
        stage: 'cancelled',
        facts: { 'may be left at Clari': expect.stringContaining('a job') as unknown },
      });
    } finally {
      await deaf.close();
    }
  });

  test('says that a job may be left at Clari where nobody can find out whether one was made', async () => {
    const unlisted = await startWorld({ forecasts, reconciling: { quiet: 0, giveUp: 0, lookAgain: 100 } });
    try {
      // A tenant without a list of jobs.
      unlisted.clari.faults.add(
        { match: { endpoint: 'createForecastExport' }, fault: { kind: 'lose-answer', how: 'hold' } },
        { match: { endpoint: 'jobList' }, fault: { kind: 'status', status: 404 }, times: 'always' },
      );
      const handle = await start(unlisted, { forecastId: 'alone', timePeriod: '2027_Q2' });
      await unlisted.clari.journal.waitFor(({ faults }) => faults.includes('lose-answer'));
      await handle.cancel();
      expect(await ending(unlisted.client, handle)).toBe('CANCELLED');
      const { facts } = await handle.query<ExportProgress>(progressQuery);
      expect(facts).toMatchObject({ 'may be left at Clari': expect.stringContaining('a job') as unknown });
    } finally {
      await unlisted.close();
    }
  });

  test('in the middle of a download, removes what was downloaded', async () => {
    const held = proxy.spoilNext({ fits: (_method, path) => path.endsWith('/results'), does: 'hold' });
    const handle = await start(world, { forecastId: 'large', timePeriod: '2027_Q2' });
    await stage(handle, 'exporting');
    world.clari.jobs.update(jobOf('large'), { state: 'done' });
    await held;
    await until('bytes in staging', async () => ((await world.stagedFiles()).length > 0 ? true : undefined));
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    expect(await world.stagedFiles()).toEqual([]);
    expect(await world.rows("SELECT count(*)::INT FROM exports WHERE forecast_id = 'large'")).toEqual([[0]]);
  });
});

describe('a run that is out of time', () => {
  test('cancels its job, leaves nothing behind, and says which deadline it was', async () => {
    const hurried = await startWorld({
      forecasts: [forecasts[0]],
      pollsUntilDone: 1_000_000,
      settings: { deadline: 20 },
    });
    try {
      const handle = await start(hurried, { forecastId: 'alone', timePeriod: '2027_Q2' });
      const failure = await failureOf(handle.result());
      expect(failure.type).toBe('ExportTimedOut');
      expect(failure.message).toContain('within its deadline of 20 seconds');
      expect(hurried.clari.jobs.all()).toHaveLength(1);
      expect(['cancelled', 'aborted']).toContain(hurried.clari.jobs.all()[0]?.state);
      expect(failure.message).toContain('was cancelled');
      expect(await hurried.stagedFiles()).toEqual([]);
    } finally {
      await hurried.close();
    }
  });

  test('names its job where that has its file already, which can be landed still', async () => {
    const hurried = await startWorld({ forecasts: [forecasts[0]], pollsUntilDone: 0, settings: { deadline: 20 } });
    try {
      const stall = { kind: 'stall', afterBytes: 10 } as const;
      const stalling = { match: { endpoint: 'results' }, fault: stall, times: 'always' } as const;
      hurried.clari.faults.add(stalling);
      const request = { forecastId: 'alone', timePeriod: '2027_Q2' };
      const failure = await failureOf((await start(hurried, request)).result());
      const { jobId = '' } = hurried.clari.jobs.all()[0] ?? {};
      expect(failure.type).toBe('ExportTimedOut');
      expect(failure.message).toContain(`a request with "jobId":"${jobId}" lands it`);
      expect(failure.message).not.toContain('was cancelled');
      hurried.clari.faults.clear();
      expect((await hurried.export({ ...request, jobId })).jobId).toBe(jobId);
      expect(hurried.clari.journal.jobsCreated()).toEqual([jobId]);
    } finally {
      await hurried.close();
    }
  });
});
