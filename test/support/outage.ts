import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeClariOptions, FaultRule } from '../../src/testing/fake-clari/index.js';
import { startTemporalDevServer } from '../../src/testing/temporal/dev-server.js';
import { startWorkerProcess } from './child-worker.js';
import { openWorld, type World } from './open-world.js';
import { stage, start, type ExportHandle } from './runs.js';

const request = { forecastId: 'net_arr', timePeriod: '2027_Q2' };
export const forecasts = [
  { forecastId: 'net_arr', forecastName: 'Net ARR', entries: 12_000, shape: 'five-lists' },
] as const;
/** Two megabytes at once, the rest slowly: something can happen meanwhile. */
export const slow: FaultRule = {
  match: { endpoint: 'results' },
  fault: { kind: 'drip', bytes: 8_000, everyMs: 100, afterBytes: 2_000_000 },
};

/** A run in the middle of its slow download. */
export async function downloading(world: World): Promise<ExportHandle> {
  const run = await start(world, request);
  await world.clari.journal.waitFor(({ endpoint, bytesSent }) => endpoint === 'results' && bytesSent > 2_000_000);
  return run;
}

/** The run lands the only job that was asked for, once and whole. */
export async function landsOnce(world: World, run: ExportHandle): Promise<void> {
  const { clari } = world;
  const receipt = await run.result();
  assert.deepEqual(clari.journal.jobsCreated(), [receipt.jobId]);
  const expected = clari.expected(receipt.jobId);
  assert.deepEqual(receipt.raw, { bytes: expected.bytes, sha256: expected.sha256() });
  assert.deepEqual(await world.rows('SELECT count(*)::INT FROM forecast_entries'), [[expected.counts.entries]]);
  assert.deepEqual(await world.rows('SELECT export_id, job_id FROM exports'), [[receipt.exportId, receipt.jobId]]);
}

/** What a run is in the middle of when the server goes. */
interface Situation {
  readonly while: string;
  readonly options: Partial<FakeClariOptions>;
  /** Brings a run there. */
  arrive(world: World): Promise<ExportHandle>;
  /** What happens at Clari while the server is away. */
  meanwhile?(world: World): void;
}

const STRANGER = 99;

const situations: readonly Situation[] = [
  {
    while: 'polling',
    options: { pollsUntilDone: 1_000_000 },
    async arrive(world) {
      const run = await start(world, request);
      await stage(run, 'exporting');
      return run;
    },
    meanwhile: finishJobs,
  },
  { while: 'downloading', options: { faults: [slow] }, arrive: downloading },
  {
    while: 'waiting for capacity',
    options: { concurrentLimit: 1 },
    async arrive(world) {
      const foreign = { ...request, typesToExport: ['forecast'], currency: null, scopeId: null } as const;
      world.clari.jobs.create(STRANGER, { ...foreign, includeHistorical: false });
      const run = await start(world, request);
      await stage(run, 'waiting for capacity');
      return run;
    },
    meanwhile: finishJobs,
  },
  {
    while: 'requesting a job',
    options: { faults: [{ match: { endpoint: 'createForecastExport' }, fault: { kind: 'delay', ms: 15_000 } }] },
    async arrive(world) {
      const run = await start(world, request);
      await world.clari.journal.waitFor(({ method }) => method === 'POST');
      return run;
    },
  },
];

function finishJobs({ clari: { jobs } }: World): void {
  for (const { jobId } of jobs.unfinished()) jobs.update(jobId, { state: 'done' });
}

interface OutageOptions {
  /** Path of the `temporal` executable. */
  readonly executable?: string;
  /** Path of the bundled workflows. */
  readonly codePath: string;
  readonly awayMs: number;
  readonly onProgress?: (line: string) => void;
  /** Takes what is to be done at the end, the last one first, however the end comes. */
  readonly atEnd: (step: () => void | Promise<void>) => void;
}

/**
 * Temporal's server goes away on its database file for a while and comes back, under workers in processes of their own, one for
 * each situation.
 * @throws AssertionError where a run did not land its one job once
 */
export async function surviveOutage({
  executable,
  codePath,
  awayMs,
  onProgress = () => undefined,
  atEnd,
}: OutageOptions): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'outage-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const serve = (port?: number) =>
    startTemporalDevServer({
      dbFile: path.join(folder, 'temporal.db'),
      ...(executable === undefined ? {} : { executable }),
      ...(port === undefined ? {} : { port }),
    });
  let server = await serve();
  atEnd(() => server.stop());
  const runs = await Promise.all(
    situations.map(async (situation) => {
      const ground = { address: server.address, codePath };
      const world = await openWorld(ground, { withoutWorker: true, forecasts, ...situation.options });
      atEnd(() => world.close());
      const worker = await startWorkerProcess(world);
      atEnd(() => worker.signal('SIGKILL'));
      const run = await situation.arrive(world);
      onProgress(`a run is ${situation.while}`);
      return { situation, world, run };
    }),
  );
  await server.stop();
  onProgress('the server is away');
  for (const { situation, world } of runs) situation.meanwhile?.(world);
  await sleep(awayMs);
  server = await serve(Number(server.address.split(':')[1]));
  onProgress('the server is back');
  await Promise.all(
    runs.map(async ({ situation, world, run }) => {
      await landsOnce(world, run).catch((error: unknown) => {
        throw new Error(`The run that was ${situation.while} did not land once.`, { cause: error });
      });
      onProgress(`the run that was ${situation.while} has landed its one job once`);
    }),
  );
}
