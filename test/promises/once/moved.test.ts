import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerQuery, type AccountState } from '../../../src/model/account.js';
import type { Child } from '../../support/child.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { expectWhole, fetchesOf, postsOf, smallForecast, startFaulty } from '../../support/faulty-runs.js';
import { slow } from '../../support/outage.js';
import { failureOf, until, type ExportHandle } from '../../support/runs.js';
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
    forecasts: ['moved', 'redeployed'].map((id) => ({ ...smallForecast(id), entries: 12_000 })),
    pollsUntilDone: 0,
  });
});
afterAll(async () => {
  for (const worker of workers) worker.signal('SIGKILL');
  await world.close();
});

async function workerWith(folder: string, changes: NodeJS.ProcessEnv = {}): Promise<Child> {
  const environment = { CLARI_STAGING_DIR: path.join(world.folder, folder), ...changes };
  const worker = await startWorkerProcess(world, undefined, { limits, environment });
  workers.push(worker);
  return worker;
}

/** A run that has staged bytes at a worker which is gone for good. */
async function left(forecastId: string): Promise<ExportHandle> {
  const first = await workerWith('first');
  const run = await startFaulty(world, forecastId, [{ ...slow, times: 1 }]);
  const folder = path.join(world.folder, 'first', 'runs', run.firstExecutionRunId);
  await until('staged bytes', () => hasBytes(folder));
  first.signal('SIGKILL');
  await first.ended;
  return run;
}

test('a run whose worker is gone for good, with the bytes that it had staged, goes on at another one from the same job', async () => {
  const run = await left('moved');
  const second = await workerWith('second');
  const receipt = await run.result();
  await expectWhole(world, receipt);
  expect(postsOf(world, 'moved')).toBe(1);
  expect(fetchesOf(world, receipt.jobId).at(-1)).toMatchObject({ status: 200 });
  second.signal('SIGKILL');
  await second.ended;
});

test('a run whose worker is gone for good, and the next one has another configuration, ends its part in the ledger all the same', async () => {
  const run = await left('redeployed');
  await workerWith('third', { CLARI_HOLD_CHANGE_PERCENT: '7' });
  expect((await failureOf(run.result())).type).toBe('ConfigurationChanged');
  const account = world.client.workflow.getHandle(`${world.taskQueue}-account-default`);
  const { entries } = await account.query<AccountState>(ledgerQuery);
  expect(entries.find(({ forecastId }) => forecastId === 'redeployed')?.active).toEqual([]);
});
