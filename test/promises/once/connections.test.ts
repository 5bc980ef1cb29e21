import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsFromEnvironment } from '../../../src/config/from-environment.js';
import type { ConnectionSettings, Settings } from '../../../src/config/settings.js';
import { SecretMask } from '../../../src/telemetry/secret-mask.js';
import { makeParts } from '../../../src/worker/parts.js';
import { quick } from '../../support/child-worker.js';
import { jobsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { ending, failureOf, jobOf, start } from '../../support/runs.js';
import { startWorld, type World, type WorldOptions } from '../../support/world.js';

/* Two connections of one account: one organisation's quota, two environments, policies and destinations. */

const LIVE = 'live.duckdb';
const ids = ['shared', 'kept', 'again', 'elsewhere'] as const;

/** `default` is keyed and lands in the world's own file; `live` lands people and amounts in another one. */
const settings = (read: Settings): Partial<Settings> => ({
  ...quick.settings,
  connections: withLive(read, LIVE),
});
const withLive = ({ connections }: Settings, database: string): ConnectionSettings[] =>
  connections.flatMap((one): ConnectionSettings[] => [
    one,
    {
      ...one,
      name: 'live',
      environment: 'production',
      policy: 'production',
      destination: { kind: 'duckdb', path: path.join(path.dirname(one.destination.path), database) },
    },
  ]);
const options: WorldOptions = { forecasts: ids.map(smallForecast), concurrentLimit: 100, pollsUntilDone: 1_000_000 };
const asked = (forecastId: string, connection: string) => ({ forecastId, timePeriod, connection });

describe('two connections of one account', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ ...options, settings });
  });
  afterAll(() => world.close());

  const finish = (jobId: string): unknown => world.clari.jobs.update(jobId, { state: 'done' });
  const landed = (forecastId: string, database?: string): Promise<unknown[][]> =>
    world.rows(
      `SELECT connection, environment, policy, job_id, (SELECT count(*)::INT FROM forecast_entries e WHERE e.export_id = exports.export_id)
       FROM exports WHERE forecast_id = '${forecastId}'`,
      database,
    );
  const names = (forecastId: string, database?: string): Promise<unknown[][]> =>
    world.rows(
      `SELECT count(name)::INT > 0 FROM forecast_users WHERE export_id IN (SELECT export_id FROM exports WHERE forecast_id = '${forecastId}')`,
      database,
    );

  test.concurrent('share one job, and each lands it in its own destination under its own policy', async () => {
    const runs = await Promise.all(['default', 'live'].map((name) => start(world, asked('shared', name))));
    const [jobId = '', other] = await Promise.all(runs.map(jobOf));
    expect([other, jobsOf(world, 'shared')]).toEqual([jobId, [jobId]]);
    finish(jobId);
    const [first, second] = await Promise.all(runs.map((run) => run.result()));
    expect(second?.exportId).toBe(first?.exportId);
    expect(second?.loadId).not.toBe(first?.loadId);
    const { entries } = world.clari.expected(jobId).counts;
    expect(await landed('shared')).toEqual([['default', 'undeclared', 'keyed@1', jobId, entries]]);
    expect(await landed('shared', LIVE)).toEqual([['live', 'production', 'production@1', jobId, entries]]);
    expect([await names('shared'), await names('shared', LIVE)]).toEqual([[[false]], [[true]]]);
  });

  test.concurrent('the job of one outlives the cancellation of the other', async () => {
    const runs = await Promise.all(['default', 'live'].map((name) => start(world, asked('kept', name))));
    const [jobId = ''] = await Promise.all(runs.map(jobOf));
    const [dropped, kept] = runs;
    await dropped?.cancel();
    expect(dropped && (await ending(world.client, dropped))).toBe('CANCELLED');
    expect(world.clari.jobs.unfinished().map((job) => job.jobId)).toContain(jobId);
    finish(jobId);
    expect((await kept?.result())?.jobId).toBe(jobId);
    expect(await landed('kept')).toEqual([]);
  });

  test.concurrent('a job that one has landed is landed by the other by its id', async () => {
    const first = await start(world, asked('again', 'default'));
    const jobId = await jobOf(first);
    finish(jobId);
    const { exportId } = await first.result();
    const second = await world.export({ ...asked('again', 'live'), jobId });
    expect([second.exportId, second.connection]).toEqual([exportId, 'live']);
    expect(jobsOf(world, 'again')).toEqual([jobId]);
    const { entries } = world.clari.expected(jobId).counts;
    expect(await landed('again')).toEqual([['default', 'undeclared', 'keyed@1', jobId, entries]]);
    expect(await landed('again', LIVE)).toEqual([['live', 'production', 'production@1', jobId, entries]]);
  });
});

test('two connections of one account may not land in one destination, where each would replace the other’s snapshots', async () => {
  const apart = await startWorld({ withoutWorker: true });
  try {
    const read = settingsFromEnvironment(apart.environment);
    const connections = withLive(read, 'warehouse.duckdb');
    await expect(makeParts({ ...read, connections }, new SecretMask())).rejects.toThrow(
      'connection live: lands exports of account default where connection default does; give each a destination of its own',
    );
  } finally {
    await apart.close();
  }
});

describe('two workers of one task queue that are configured differently', () => {
  test.concurrent(
    'refuse a run of a connection that the one who takes it does not know, and name those it knows',
    async () => {
      const world = await startWorld(options);
      try {
        const failure = await failureOf(world.export(asked('elsewhere', 'live')));
        expect(failure.type).toBe('UnknownConnection');
        expect(failure.message).toContain('There is no connection of that name; there are: default.');
        expect(failure.message).toContain('CLARI_TASK_QUEUE');
        expect(jobsOf(world, 'elsewhere')).toEqual([]);
      } finally {
        await world.close();
      }
    },
  );

  test.concurrent('end a run that passes from one to the other, and keep its job to be landed', async () => {
    const world = await startWorld({ ...options, withoutWorker: true, settings });
    let foreign: World | undefined;
    try {
      const own = await world.anotherWorker();
      const run = await start(world, asked('elsewhere', 'default'));
      const jobId = await jobOf(run);
      await own.stop();
      // The same queues and the same name, and another environment.
      foreign = await startWorld({ environment: { ...world.environment, CLARI_ENVIRONMENT: 'staging' } });
      const failure = await failureOf(run.result());
      expect(failure.type).toBe('ConfigurationChanged');
      expect(failure.message).toContain('CLARI_TASK_QUEUE');
      expect(jobsOf(world, 'elsewhere')).toEqual([jobId]);
      world.clari.jobs.update(jobId, { state: 'done' });
      expect((await world.export({ ...asked('elsewhere', 'default'), jobId })).environment).toBe('staging');
    } finally {
      await foreign?.close();
      await world.close();
    }
  });
});
