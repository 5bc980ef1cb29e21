import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startTemporalDevServer, type DevServer } from '../../../src/testing/temporal/dev-server.js';
import type { Child } from '../../support/child.js';
import { startWorkerProcess } from '../../support/child-worker.js';
import { openWorld, type World } from '../../support/open-world.js';
import { failureOf, jobOf, start } from '../../support/runs.js';
import { backfill, createSchedule } from '../../support/schedules.js';

const forecast = (forecastId: string) =>
  ({ forecastId, forecastName: forecastId, entries: 100, shape: 'five-lists' }) as const;
const NIGHT = new Date('2027-05-03T02:00:00.000Z');

let folder: string;
let server: DevServer;
let world: World;
let worker: Child;

const startServer = (port?: number): Promise<DevServer> =>
  startTemporalDevServer({
    executable: inject('temporalCliPath'),
    dbFile: path.join(folder, 'temporal.db'),
    ...(port === undefined ? {} : { port }),
  });

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lost-'));
  server = await startServer();
  world = await openWorld(
    { address: server.address, codePath: inject('workflowBundlePath') },
    {
      withoutWorker: true,
      forecasts: [forecast('nightly'), forecast('underway'), forecast('unseen')],
      jobDurationMs: 1,
    },
  );
  worker = await startWorkerProcess(world);
});
afterAll(async () => {
  worker.signal('SIGKILL');
  await world.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One run of a schedule for a night that is over; resolves with the id of its export when it has landed. */
async function backfilled(): Promise<string> {
  const schedule = await createSchedule(
    world,
    { forecastId: 'nightly', timePeriod: '2027_Q2' },
    { spec: { calendars: [{ hour: 2 }] }, paused: true },
  );
  return (await (await backfill(world, schedule, NIGHT)).result()).exportId;
}

const jobsOf = (forecastId: string) =>
  world.clari.jobs.all().filter(({ request }) => 'forecastId' in request && request.forecastId === forecastId);

describe('Temporal’s database is lost and the server starts empty', () => {
  let landed: string;
  let lostJob: string;
  beforeAll(async () => {
    landed = await backfilled();
    // Its run is lost between the end of its job and its landing.
    const words = Array<string>(50).fill('STARTED');
    world.clari.faults.set([{ match: { forecastId: 'underway' }, fault: { kind: 'states', words } }]);
    const run = await start(world, { forecastId: 'underway', timePeriod: '2027_Q2' });
    lostJob = await jobOf(run);
    worker.signal('SIGKILL');
    await worker.ended;
    world.clari.faults.clear();
    const port = Number(server.address.split(':')[1]);
    await server.stop();
    for (const name of await readdir(folder)) if (name.startsWith('temporal.db')) await rm(path.join(folder, name));
    server = await startServer(port);
    worker = await startWorkerProcess(world);
  });

  test('a schedule that fires again for a time that has landed lands the same export from the same job', async () => {
    expect(await backfilled()).toBe(landed);
    expect(jobsOf('nightly')).toHaveLength(1);
    expect(await world.rows("SELECT count(*)::INT FROM exports WHERE forecast_id = 'nightly'")).toEqual([[1]]);
  });

  test('what was never asked for before is exported as ever', async () => {
    expect((await world.export({ forecastId: 'unseen', timePeriod: '2027_Q2' })).complete).toBe(true);
  });

  // By now the ledger knows what was there before it.
  test('the job of a run that is lost is named to whoever asks for the same thing, and no second one is made', async () => {
    const asked = { forecastId: 'underway', timePeriod: '2027_Q2' };
    const failure = await failureOf(world.export(asked));
    expect([failure.type, failure.message]).toEqual(['CreateOutcomeUnknown', expect.stringContaining(lostJob)]);
    expect((await world.export({ ...asked, jobId: lostJob })).jobId).toBe(lostJob);
    expect(jobsOf('underway')).toHaveLength(1);
    // From now on the ledger knows it.
    expect((await world.export(asked)).jobId).not.toBe(lostJob);
  });
});
