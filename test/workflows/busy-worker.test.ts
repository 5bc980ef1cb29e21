import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../src/testing/fake-clari/index.js';
import { jobsOf, smallForecast, startFaulty } from '../support/faulty-runs.js';
import { ending, failureOf, stage, until, type ExportHandle } from '../support/runs.js';
import { startWorld, type World } from '../support/world.js';

/** As many as a worker downloads at once. */
const SLOTS = 8;
const busy = Array.from({ length: SLOTS }, (_, number) => `busy_${number}`);
const stalled: FaultRule = {
  match: { endpoint: 'results' },
  times: 'always',
  fault: { kind: 'stall', afterBytes: 10 },
};

describe('a worker all of whose downloads stand still', () => {
  let world: World;
  let running: readonly ExportHandle[];
  beforeAll(async () => {
    world = await startWorld({
      concurrentLimit: 100,
      pollsUntilDone: 0,
      forecasts: [...busy, 'cancelled', 'expiring'].map(smallForecast),
    });
    running = await Promise.all(busy.map((id) => startFaulty(world, id, [stalled])));
    await until('all of its slots in use', () => {
      const asked = world.clari.journal.entries.filter(({ endpoint }) => endpoint === 'results');
      return Promise.resolve(new Set(asked.map(({ jobId }) => jobId)).size === SLOTS || undefined);
    });
  });
  afterAll(async () => {
    await Promise.all(running.map((run) => run.cancel()));
    await world.close();
  });

  test('still cleans up after a run that is cancelled', async () => {
    const run = await startFaulty(world, 'cancelled', []);
    await stage(run, 'downloading');
    await run.cancel();
    expect(await ending(world.client, run)).toBe('CANCELLED');
  });

  test('tells a run whose file expires before its turn comes that it has', async () => {
    const words = ['SCHEDULED', 'SCHEDULED', 'SCHEDULED'];
    const run = await startFaulty(world, 'expiring', [
      { match: { endpoint: 'jobStatus' }, fault: { kind: 'states', words } },
    ]);
    const jobId = await until('a look at the job', () =>
      Promise.resolve(
        world.clari.journal.entries.findLast(
          ({ endpoint, faults }) => endpoint === 'jobStatus' && faults.includes('states'),
        )?.jobId,
      ),
    );
    expect(jobsOf(world, 'expiring')).toEqual([jobId]);
    world.clari.jobs.update(jobId, { expiredTime: Date.now() + 20_000 });
    const failure = await failureOf(run.result());
    expect(failure.type).toBe('ExportExpired');
    expect(failure.message).toContain(`The file of job ${jobId} was not downloaded before`);
    expect((await run.fetchHistory()).events?.length).toBeLessThanOrEqual(60);
  });
});
