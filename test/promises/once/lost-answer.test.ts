import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf } from '../../support/runs.js';
import type { ClariProxy } from '../../support/clari-proxy.js';
import { startProxied } from '../../support/proxied-world.js';
import type { World } from '../../support/world.js';

const ids = ['lost', 'unsent', 'ambiguous', 'after'] as const;
const isPost = (method: string): boolean => method === 'POST';
let proxy: ClariProxy;
let world: World;
beforeAll(async () => {
  ({ world, proxy } = await startProxied({
    forecasts: ids.map((forecastId) => ({ forecastId, forecastName: forecastId, entries: 100, shape: 'five-lists' })),
    reconciling: { quiet: 4_000, giveUp: 20_000, lookAgain: 500 },
  }));
});
afterAll(async () => {
  await world.close();
  await proxy.close();
});

const made = (forecastId: string): string[] =>
  world.clari.jobs.all().flatMap((job) => (job.request.forecastId === forecastId ? [job.jobId] : []));

describe('fault 11: the answer to the request for a job is lost', () => {
  test('the job that was made is found and used', async () => {
    void proxy.spoilNext({ fits: isPost, does: 'lose-answer' });
    const before = proxy.posts();
    const receipt = await world.export({ forecastId: 'lost', timePeriod: '2027_Q2' });
    expect(made('lost')).toEqual([receipt.jobId]);
    expect(proxy.posts() - before).toBe(1);
    expect(world.clari.journal.jobsCreated()).toEqual([receipt.jobId]);
  });

  test('where the request never arrived, no job is found for a while, and one is asked for again', async () => {
    void proxy.spoilNext({ fits: isPost, does: 'lose-request' });
    const before = proxy.posts();
    const receipt = await world.export({ forecastId: 'unsent', timePeriod: '2027_Q2' });
    expect(made('unsent')).toEqual([receipt.jobId]);
    expect(proxy.posts() - before).toBe(2);
    const looks = proxy.asked.filter((line) => line === 'GET /v4/export/jobs').length;
    expect(looks).toBeGreaterThan(3);
  });

  test('where two jobs could be ours, neither is taken, both are named, and none is asked for', async () => {
    const request = {
      forecastId: 'ambiguous',
      timePeriod: '2027_Q2',
      typesToExport: ['forecast'],
      currency: null,
      scopeId: null,
      includeHistorical: true,
    } as const;
    void proxy.spoilNext({
      fits: isPost,
      does: 'lose-answer',
      onAnswer: () => void world.clari.jobs.create(40_112, request),
    });
    const before = proxy.posts();
    const failure = await failureOf(world.export({ forecastId: 'ambiguous', timePeriod: '2027_Q2' }));
    expect(failure.type).toBe('CreateOutcomeUnknown');
    const jobs = made('ambiguous');
    expect(jobs).toHaveLength(2);
    for (const jobId of jobs) expect(failure.message).toContain(jobId);
    expect(proxy.posts() - before).toBe(1);
    // Whoever exports next must not wait for a run that has given up.
    const receipt = await world.export({ forecastId: 'after', timePeriod: '2027_Q2' });
    expect(made('after')).toEqual([receipt.jobId]);
    // And a person may say which job it was.
    const [first = ''] = jobs;
    const landed = await world.export({ forecastId: 'ambiguous', timePeriod: '2027_Q2', jobId: first });
    expect(landed.jobId).toBe(first);
    expect(proxy.posts() - before).toBe(2);
    // Which has decided it: who asks after that has a job of its own.
    const next = await world.export({ forecastId: 'ambiguous', timePeriod: '2027_Q2', acceptChange: true });
    expect(jobs).not.toContain(next.jobId);
    expect(proxy.posts() - before).toBe(3);
  });
});
