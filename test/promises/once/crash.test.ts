import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { crashPoints, type CrashPoint } from '../../../src/crash/crash-point.js';
import { bundledSource } from '../../support/bundled-source.js';
import { startNode } from '../../support/child.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { stage, start } from '../../support/runs.js';
import { share } from '../../support/share.js';
import { startWorld } from '../../support/world.js';

const cancelling: readonly CrashPoint[] = ['before-cancel', 'after-cancel'];
/** Nothing is done between these and their neighbours but by somebody else: they are there to stand still at. */
const standing: readonly CrashPoint[] = ['before-prepare', 'after-prepare'];
/** At which most can go wrong. */
const worst: readonly CrashPoint[] = ['after-intent', 'after-post', 'mid-download', 'mid-redaction', 'after-commit'];
const request = { forecastId: 'emea_bookings', timePeriod };

const forecasts = [smallForecast(request.forecastId)];

const landing = crashPoints.filter((point) => ![...cancelling, ...standing].includes(point));
test.concurrent.for(share(landing, (point) => worst.includes(point)))(
  'fault 1: a worker killed %s leaves its export to the next one: one job, one snapshot, nothing staged',
  async (point) => {
    // A large download alone says on its way how far it is.
    const large = forecasts.map((forecast) => ({ ...forecast, entries: 8_000 }));
    const world = await startWorld({ ...quick, forecasts: point === 'mid-download' ? large : forecasts });
    try {
      const doomed = await startWorkerProcess(world, point);
      const run = await start(world, request, point);
      const died = await doomed.ended;
      expect(died.stderr).toContain(`crash at ${point}`);
      await world.anotherWorker();
      const receipt = await run.result();
      expect(world.clari.journal.jobsCreated()).toEqual([receipt.jobId]);
      const { entries } = world.clari.expected(receipt.jobId).counts;
      expect(await world.rows('SELECT count(*)::INT FROM forecast_entries')).toEqual([[entries]]);
      expect(await world.rows('SELECT export_id, job_id FROM exports')).toEqual([[receipt.exportId, receipt.jobId]]);
      expect(await world.stagedFiles()).toEqual([]);
    } finally {
      await world.close();
    }
  },
);

test.concurrent.for(share(cancelling, (point) => point === 'after-cancel'))(
  'fault 1: a worker killed %s leaves the cancellation to the next one: the job is cancelled, nothing staged',
  async (point) => {
    const world = await startWorld({ ...quick, forecasts, pollsUntilDone: 100_000 });
    try {
      const doomed = await startWorkerProcess(world, point);
      const run = await start(world, request, point);
      await stage(run, 'exporting');
      await run.cancel();
      await doomed.ended;
      await world.anotherWorker();
      await expect(run.result()).rejects.toThrow();
      expect((await run.describe()).status.name).toBe('CANCELLED');
      const [job, ...others] = world.clari.jobs.all();
      expect([job?.state, others]).toEqual([expect.stringMatching(/cancelled|aborted/), []]);
      expect(await world.stagedFiles()).toEqual([]);
    } finally {
      await world.close();
    }
  },
);

test('a worker that nobody asked to crash passes them all', async () => {
  const world = await startWorld({ ...quick, forecasts });
  try {
    const worker = await startWorkerProcess(world);
    await (await start(world, request)).result();
    worker.signal('SIGTERM');
    expect(await worker.ended).toMatchObject({ exitCode: 0, stderr: '' });
  } finally {
    await world.close();
  }
});

test('a crash point that does not exist is refused rather than never reached', async () => {
  const { PATH = '' } = process.env;
  const env = { PATH, CLARI_TEST_CRASH_AT: 'after-lunch' };
  const { exitCode, stderr } = await startNode([await bundledSource('src/worker.ts')], { cwd: tmpdir(), env }).ended;
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('CLARI_TEST_CRASH_AT: must be one of after-claim')]);
});
