import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, test, type TestContext } from 'vitest';
import type { CrashPoint } from '../../../src/crash/crash-point.js';
import type { Receipt } from '../../../src/model/receipt.js';
import type { Child } from '../../support/child.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { expectWhole, postsOf, smallForecast } from '../../support/faulty-runs.js';
import { pendingAfter } from '../../support/pending.js';
import { ending, start, until, type ExportHandle } from '../../support/runs.js';
import { withPublished } from '../../support/spoilt-parts.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { share } from '../../support/share.js';
import { startWorld, type World } from '../../support/world.js';
import { warehouseOf } from '../../chaos/warehouse.js';

/*
 * An attempt that is believed dead wakes up (fault 5). Its worker stands still at a named place, by SIGSTOP, until another one has
 * taken over, and is cut off from Temporal from then on (fault 4): nobody can tell it that it is late but staging and destination.
 */

const request = { forecastId: 'late', timePeriod: '2027_Q2' };

const steps = {
  'mid-download': 'downloadExport',
  'mid-redaction': 'redactExport',
  'after-redaction': 'redactExport',
  'before-prepare': 'storeExport',
  'after-prepare': 'storeExport',
  'mid-staging': 'storeExport',
  'before-publish': 'storeExport',
} as const satisfies Partial<Record<CrashPoint, string>>;
type Point = keyof typeof steps;
type Step = (typeof steps)[Point];

/** A clean-up that nobody takes is done elsewhere. */
const limits = { discardStaging: { heartbeat: 10, retryInitial: 1, retryMaximum: 1, scheduleToStart: 4 } } as const;

interface Late {
  readonly world: World;
  readonly run: ExportHandle;
  /** Stands still, and is cut off. */
  readonly worker: Child;
  /** What it is in the middle of. */
  readonly step: Step;
}

/** A run whose worker has come to `point` and no further. */
async function standingAt(point: Point, atEnd: TestContext['onTestFinished']): Promise<Late> {
  const small = smallForecast('late');
  // A large download alone says on its way how far it is.
  const forecasts = [point === 'mid-download' ? { ...small, entries: 8_000 } : small];
  const world = await startWorld({ ...quick, forecasts, pollsUntilDone: 0 });
  atEnd(() => world.close());
  const line = await TcpProxy.start(inject('temporalAddress'));
  atEnd(() => line.close());
  const environment = { TEMPORAL_ADDRESS: line.address, CLARI_TEST_PAUSE_AT: point, CLARI_LOG_LEVEL: 'debug' };
  const worker = await startWorkerProcess(world, undefined, { environment, limits });
  atEnd(() => worker.signal('SIGKILL'));
  const run = await start(world, request);
  await worker.says(`pause at ${point}`);
  line.set('cut');
  return { world, run, worker, step: steps[point] };
}

/** Wakes the worker, and tells how the attempt that it was at has ended. */
async function wake({ worker, step }: Late): Promise<string> {
  worker.signal('SIGCONT');
  return until(`the end of ${step} at the late worker`, () => {
    const lines = worker.stdout().split('\n');
    const end = lines.find((line) => line.includes(`"${step}"`) && /"msg":"Activity (completed|failed)/.test(line));
    return Promise.resolve(end);
  });
}

/** All that a reader of the destination sees, as long as nobody writes. */
const seen = (world: World): Promise<unknown[][]> =>
  world.rows(
    `SELECT receipt FROM exports
     UNION ALL SELECT load_id || ' ' || published_epoch || ' ' || published_at FROM clari_loads ORDER BY ALL`,
  );

async function expectOneCopy(world: World, receipt: Receipt): Promise<void> {
  await expectWhole(world, receipt);
  expect(postsOf(world, 'late')).toBe(1);
  expect(await world.rows('SELECT receipt FROM exports')).toEqual([[JSON.stringify(receipt)]]);
}

const points: readonly Point[] = [
  'mid-download',
  'mid-redaction',
  'after-redaction',
  'before-prepare',
  'after-prepare',
];
test.concurrent.for(share(points, (point) => ['mid-download', 'after-prepare'].includes(point)))(
  'fault 4, 5: an attempt that stood still %s until another one had landed its export changes nothing when it wakes up',
  async (point, { onTestFinished }) => {
    const late = await standingAt(point, onTestFinished);
    const { world, run } = late;
    await world.anotherWorker();
    const receipt = await run.result();
    await expectOneCopy(world, receipt);
    const before = await seen(world);
    await wake(late);
    expect(await seen(world)).toEqual(before);
    expect(await world.stagedFiles()).toEqual([]);
  },
);

test.concurrent(
  'fault 4, 5: an attempt that stood still in the middle of its load is waited for, and what it lands when it wakes up is all',
  async ({ onTestFinished }) => {
    const late = await standingAt('mid-staging', onTestFinished);
    const { world, run, worker } = late;
    await world.anotherWorker();
    const { failure } = await pendingAfter(run, 'DestinationBusy', 'storeExport');
    expect(failure.message).toContain(`PID ${worker.pid}`);
    await wake(late);
    await expectOneCopy(world, await run.result());
  },
);

test.concurrent.for(['before-prepare', 'before-publish'] as const)(
  'fault 4, 5: an attempt that stood still %s until its run had been cancelled lands nothing when it wakes up, and keeps nobody from it',
  async (point, { onTestFinished }) => {
    const late = await standingAt(point, onTestFinished);
    const { world, run } = late;
    await run.cancel();
    // With a staging folder of its own, it can not take the attempt over before it has heard of the cancellation.
    const environment = { CLARI_STAGING_DIR: path.join(world.folder, 'staging-of-the-other') };
    const other = await startWorkerProcess(world, undefined, { environment, limits });
    onTestFinished(() => other.signal('SIGKILL'));
    expect(await ending(world.client, run)).toBe('CANCELLED');
    expect(await readdir(`${warehouseOf(world)}.closed`)).toEqual([`run-${run.firstExecutionRunId}`]);
    // Where it slept for long, its own SDK ends it before the destination does.
    expect(await wake(late)).toMatch(/LoadSuperseded|completed as cancelled/);
    expect(await world.rows('SELECT export_id FROM exports')).toEqual([]);
    const [job] = world.clari.jobs.all();
    await expectOneCopy(world, await world.export({ ...request, jobId: job?.jobId ?? null }));
  },
);

test('fault 5: an attempt that looked at the destination before another one had landed publishes nothing', async ({
  onTestFinished,
}) => {
  let blind = false;
  const world = await startWorld({
    forecasts: [smallForecast('late')],
    pollsUntilDone: 0,
    adapt: withPublished(async (load, real) => {
      const found = await real.published(load);
      const sees = !blind;
      blind = false;
      return sees ? found : undefined;
    }),
  });
  onTestFinished(() => world.close());
  const receipt = await world.export(request);
  blind = true;
  // Its own receipt would have another time.
  expect(await world.export({ ...request, jobId: receipt.jobId })).toEqual(receipt);
  await expectOneCopy(world, receipt);
});
