import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import { startTemporalDevServer } from '../../../src/testing/temporal/dev-server.js';
import { startWorkerProcess } from '../../support/child-worker.js';
import { openWorld } from '../../support/open-world.js';
import { stage, start, type ExportHandle } from '../../support/runs.js';
import { TcpProxy, type Line } from '../../support/tcp-proxy.js';
import { startWorld, type World } from '../../support/world.js';

const request = { forecastId: 'net_arr', timePeriod: '2027_Q2' };
const forecasts = [{ forecastId: 'net_arr', forecastName: 'Net ARR', entries: 12_000, shape: 'five-lists' }] as const;
/** Two megabytes at once, the rest slowly: something can happen meanwhile. */
const slow: FaultRule = {
  match: { endpoint: 'results' },
  fault: { kind: 'drip', bytes: 8_000, everyMs: 100, afterBytes: 2_000_000 },
};
/** What a download holds back before it writes. */
const CHUNK = 256 * 1024;

async function underway(world: World): Promise<ExportHandle> {
  const run = await start(world, request);
  await world.clari.journal.waitFor(({ endpoint, bytesSent }) => endpoint === 'results' && bytesSent > 2_000_000);
  return run;
}

async function expectOnce(world: World, run: ExportHandle): Promise<void> {
  const receipt = await run.result();
  expect(world.clari.journal.jobsCreated()).toEqual([receipt.jobId]);
  const expected = world.clari.expected(receipt.jobId);
  expect(receipt.raw).toEqual({ bytes: expected.bytes, sha256: expected.sha256() });
  expect(await world.rows('SELECT count(*)::INT FROM forecast_entries')).toEqual([[expected.counts.entries]]);
}

test.concurrent(
  'fault 2: a worker that is told to stop hands a download over: less than one chunk is fetched again',
  async ({ onTestFinished }) => {
    const world = await startWorld({ withoutWorker: true, forecasts, faults: [slow] });
    onTestFinished(() => world.close());
    const first = await startWorkerProcess(world);
    const run = await underway(world);
    first.signal('SIGTERM');
    expect((await first.ended).exitCode).toBe(0);
    const second = await startWorkerProcess(world);
    onTestFinished(() => second.signal('SIGKILL'));
    await expectOnce(world, run);
    const [broken, resumed, ...more] = world.clari.journal.entries.filter(({ endpoint }) => endpoint === 'results');
    expect(more).toEqual([]);
    const from = Number(/^bytes=(\d+)-$/.exec(resumed?.range ?? '')?.[1]);
    expect((broken?.bytesSent ?? 0) - from).toBeLessThan(CHUNK);
  },
);

test.concurrent.for(['exporting', 'downloading'] as const)(
  'fault 3: the Temporal server restarts while a run is %s: it goes on, with one job',
  async (when, { onTestFinished }) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'outage-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const dbFile = path.join(folder, 'temporal.db');
    const executable = inject('temporalCliPath');
    let server = await startTemporalDevServer({ executable, dbFile });
    onTestFinished(() => server.stop());
    const world = await openWorld(
      { address: server.address, codePath: inject('workflowBundlePath') },
      {
        withoutWorker: true,
        forecasts,
        ...(when === 'downloading' ? { faults: [slow] } : { pollsUntilDone: 1_000_000 }),
      },
    );
    onTestFinished(() => world.close());
    const worker = await startWorkerProcess(world);
    onTestFinished(() => worker.signal('SIGKILL'));
    const run = when === 'downloading' ? await underway(world) : await start(world, request);
    if (when === 'exporting') await stage(run, 'exporting');
    await server.stop();
    const [job] = world.clari.jobs.all();
    if (when === 'exporting' && job) world.clari.jobs.update(job.jobId, { state: 'done' });
    server = await startTemporalDevServer({ executable, dbFile, port: Number(server.address.split(':')[1]) });
    await expectOnce(world, run);
  },
);

test.concurrent.for<Line>(['cut', 'silent'])(
  'fault 4: a worker is cut off from Temporal by a line that is %s: another one takes over, and one copy lands',
  async (line, { onTestFinished }) => {
    const world = await startWorld({ withoutWorker: true, forecasts, faults: [{ ...slow, times: 1 }] });
    onTestFinished(() => world.close());
    const proxy = await TcpProxy.start(inject('temporalAddress'));
    onTestFinished(() => proxy.close());
    const lonely = await startWorkerProcess({
      ...world,
      environment: { ...world.environment, TEMPORAL_ADDRESS: proxy.address },
    });
    onTestFinished(() => lonely.signal('SIGKILL'));
    const run = await underway(world);
    proxy.set(line);
    const other = await startWorkerProcess(world);
    onTestFinished(() => other.signal('SIGKILL'));
    await expectOnce(world, run);
    proxy.set('open');
    expect(await world.rows('SELECT count(*)::INT FROM exports')).toEqual([[1]]);
  },
);
