import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Child } from '../../support/child.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { expectWhole, fetchesOf, postsOf, smallForecast, startFaulty } from '../../support/faulty-runs.js';
import { slow } from '../../support/outage.js';
import { until } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';
import { hasBytes } from '../../support/staged-files.js';

/** Too short for an operator, long enough for a worker that polls. */
const impatient = { heartbeat: 10, retryInitial: 1, retryMaximum: 1, scheduleToStart: 4 };
const limits = {
  downloadExport: impatient,
  redactExport: impatient,
  storeExport: impatient,
  discardStaging: impatient,
};

let world: World;
const workers: Child[] = [];
beforeAll(async () => {
  world = await startWorld({
    ...quick,
    forecasts: [{ ...smallForecast('moved'), entries: 12_000 }],
    pollsUntilDone: 0,
  });
});
afterAll(async () => {
  for (const worker of workers) worker.signal('SIGKILL');
  await world.close();
});

async function workerWith(folder: string): Promise<Child> {
  const environment = { CLARI_STAGING_DIR: path.join(world.folder, folder) };
  const worker = await startWorkerProcess(world, undefined, { limits, environment });
  workers.push(worker);
  return worker;
}

test('a run whose worker is gone for good, with the bytes that it had staged, goes on at another one from the same job', async () => {
  const first = await workerWith('first');
  const run = await startFaulty(world, 'moved', [{ ...slow, times: 1 }]);
  const folder = path.join(world.folder, 'first', 'runs', run.firstExecutionRunId);
  await until('staged bytes', () => hasBytes(folder));
  first.signal('SIGKILL');
  await first.ended;
  await workerWith('second');
  const receipt = await run.result();
  await expectWhole(world, receipt);
  expect(postsOf(world, 'moved')).toBe(1);
  expect(fetchesOf(world, receipt.jobId).at(-1)).toMatchObject({ status: 200 });
});
