import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule, JobRequest } from '../../../src/testing/fake-clari/index.js';
import { jobsOf, postsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { startWorld, type World } from '../../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    forecasts: ['refused', 'blind', 'twins'].map(smallForecast),
    concurrentLimit: 2,
    jobDurationMs: 1_000,
    reconciling: { quiet: 1_000, giveUp: 20_000, lookAgain: 100 },
  });
});
afterAll(() => world.close());

const strike = (forecastId: string, fault: FaultRule['fault']): void =>
  world.clari.faults.add({ match: { endpoint: 'createForecastExport', forecastId }, fault });

const foreign: JobRequest = {
  ...{ forecastId: 'twins', timePeriod: '2027_Q1', typesToExport: ['forecast'] },
  ...{ currency: null, scopeId: null, includeHistorical: true },
};

/** A job of somebody else's leaves room for one, until the answer is called. */
const leaveRoomForOne = (): (() => void) => {
  const job = world.clari.jobs.create(99, foreign);
  world.clari.jobs.update(job.jobId, { state: 'started' });
  return () => void world.clari.jobs.update(job.jobId, { state: 'done' });
};

// One after the other: they share the room at Clari.
describe('fault 11: a request for a job is delivered twice', () => {
  test.each([
    ['refused', 'Clari tells of it at once', []],
    // The first two looks are those at the token and before the request.
    [
      'blind',
      'Clari can not be asked just then',
      [{ match: { endpoint: 'limits' }, after: 2, fault: { kind: 'status' } }],
    ],
  ] as const)(
    'and refused the second time, since its job has taken the last room: %s, %s',
    async (forecastId, _, rules) => {
      const makeRoom = leaveRoomForOne();
      strike(forecastId, { kind: 'duplicate', answer: 'second' });
      world.clari.faults.add(...rules);
      const receipt = await world.export({ forecastId, timePeriod });
      makeRoom();
      expect(jobsOf(world, forecastId)).toEqual([receipt.jobId]);
      expect(postsOf(world, forecastId)).toBe(1);
    },
  );

  test('and leaves a job that nobody has: exports of other things of the same forecast and quarter are made', async () => {
    strike('twins', { kind: 'duplicate', answer: 'first' });
    const asked = { forecastId: 'twins', timePeriod };
    const first = await world.export(asked);
    const second = await world.export({ ...asked, includeHistorical: false });
    expect(new Set([first.jobId, second.jobId]).size).toBe(2);
    expect(postsOf(world, 'twins')).toBe(2);
  });
});
