import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobRequest } from '../../../src/testing/fake-clari/index.js';
import { ending, stage, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

const STRANGER = 99;
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
    forecasts: [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries: 100, shape: 'five-lists' }],
    concurrentLimit: 1,
    monthlyQuota: 3,
  });
});
afterAll(() => world.close());

const own = (): number => world.clari.jobs.all().filter(({ userId }) => userId !== STRANGER).length;

// One after the other: the second test needs the quota that the first has used.
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

  test('for the monthly quota, and can be cancelled meanwhile without having asked for a job', async () => {
    world.clari.jobs.update(world.clari.jobs.create(STRANGER, request).jobId, { state: 'done' });
    const handle = await start(world, { forecastId: 'net_arr', timePeriod: '2027_Q3' });
    const waiting = await stage(handle, 'waiting for capacity');
    expect(waiting.facts['waiting']).toBe('monthly limit of exports (3) reached');
    await handle.cancel();
    expect(await ending(world.client, handle)).toBe('CANCELLED');
    expect(own()).toBe(1);
    expect(world.clari.journal.entries.filter(({ method }) => method === 'PATCH')).toEqual([]);
    expect(await world.stagedFiles()).toEqual([]);
  });
});
