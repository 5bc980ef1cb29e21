import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobRequest } from '../../../src/testing/fake-clari/index.js';
import { postsOf, smallForecast } from '../../support/faulty-runs.js';
import { hurry, pendingAfter } from '../../support/pending.js';
import { ending, stage, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

const STRANGER = 99;
const crowd = ['first', 'second', 'third', 'fourth'];
const request: JobRequest = {
  forecastId: 'net_arr',
  timePeriod: '2027_Q1',
  typesToExport: ['forecast'],
  currency: null,
  scopeId: null,
  includeHistorical: false,
};
let world: World;
beforeAll(async () => {
  world = await startWorld({
    forecasts: ['net_arr', 'refused', ...crowd].map(smallForecast),
    concurrentLimit: 1,
    monthlyQuota: 9,
  });
});
afterAll(() => world.close());

const own = (): number => world.clari.jobs.all().filter(({ userId }) => userId !== STRANGER).length;

// One after the other: the last test needs the quota that those before it have used.
describe('a run without room at Clari waits and says why', () => {
  test('for the limit at once, until a slot is free', async () => {
    const foreign = world.clari.jobs.create(STRANGER, request);
    const handle = await start(world, { forecastId: 'net_arr', timePeriod: '2027_Q2' });
    const waiting = await stage(handle, 'waiting for capacity');
    expect(waiting.facts['waiting']).toBe('concurrent limit of exports (1) reached');
    expect(own()).toBe(0);
    world.clari.jobs.update(foreign.jobId, { state: 'done' });
    const receipt = await handle.result();
    expect(own()).toBe(1);
    expect(receipt.complete).toBe(true);
    const shown = await stage(handle, 'done');
    expect(shown.facts).not.toHaveProperty('waiting');
  });

  test('in the order in which they came', async () => {
    const foreign = world.clari.jobs.create(STRANGER, request);
    const runs = [];
    for (const forecastId of crowd) {
      const handle = await start(world, { forecastId, timePeriod: '2027_Q2' });
      const { facts } = await stage(handle, 'waiting for capacity');
      expect(facts['before it']).toBe(`${runs.length} export(s) of this account`);
      runs.push(handle);
    }
    world.clari.jobs.update(foreign.jobId, { state: 'done' });
    await Promise.all(runs.map((run) => run.result()));
    const made = world.clari.jobs.all().map((job) => job.request.forecastId);
    expect(made.filter((id) => id !== undefined && crowd.includes(id))).toEqual(crowd);
  });

  test('and goes on waiting, without another event, where somebody else takes the room that it found', async () => {
    const foreign = world.clari.jobs.create(STRANGER, request);
    const handle = await start(world, { forecastId: 'refused', timePeriod: '2027_Q2' });
    await stage(handle, 'waiting for capacity');
    world.clari.faults.add({
      match: { endpoint: 'createForecastExport', forecastId: 'refused' },
      fault: { kind: 'status', status: 400, envelope: 'coded', code: 'export_monthly_quota_reached' },
    });
    world.clari.jobs.update(foreign.jobId, { state: 'done' });
    const waiting = await pendingAfter(handle, 'NoCapacity', 'startExport');
    expect(waiting.waitSeconds).toBe(60);
    await hurry(world, handle, 'startExport');
    await handle.result();
    expect(postsOf(world, 'refused')).toBe(2);
  });

  test('for the monthly quota, and can be cancelled meanwhile without having asked for a job', async () => {
    const handle = await start(world, { forecastId: 'net_arr', timePeriod: '2027_Q3' });
    const waiting = await stage(handle, 'waiting for capacity');
    expect(waiting.facts['waiting']).toBe('monthly limit of exports (9) reached');
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    expect(own()).toBe(6);
    expect(world.clari.journal.entries.filter(({ method }) => method === 'PATCH')).toEqual([]);
    expect(await world.stagedFiles()).toEqual([]);
  });
});
