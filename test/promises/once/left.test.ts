import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountUpdates, ledgerQuery, type AccountState, type SettleInput } from '../../../src/model/account.js';
import { taskQueues } from '../../../src/model/task-queues.js';
import { jobsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { ending, jobOf, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/* Runs that have left an export whose job others wait for. */

let world: World;
beforeAll(async () => {
  world = await startWorld({ forecasts: ['shared'].map(smallForecast), pollsUntilDone: 1_000_000 });
});
afterAll(() => world.close());

test('a job stays while another run waits for it, also when its maker is cancelled twice over', async () => {
  const asked = { forecastId: 'shared', timePeriod };
  const maker = await start(world, asked);
  const jobId = await jobOf(maker);
  const other = await start(world, asked);
  expect(await jobOf(other)).toBe(jobId);
  const ledger = world.client.workflow.getHandle(taskQueues(world.taskQueue).account('default'));
  const [entry] = (await ledger.query<AccountState>(ledgerQuery)).entries;
  const [requester = ''] = entry?.requesters ?? [];
  expect(requester).toContain(maker.workflowId);
  // What an attempt of cancelExport does that dies before it can answer.
  const settled: SettleInput = { exportId: entry?.exportId ?? '', requester, state: 'cancelled' };
  await ledger.executeUpdate(accountUpdates.settle, { args: [settled] });
  await maker.cancel();
  expect(await ending(world.client, maker)).toBe('CANCELLED');
  expect(world.clari.jobs.get(jobId)?.state).toBe('started');
  world.clari.jobs.update(jobId, { state: 'done' });
  expect((await other.result()).jobId).toBe(jobId);
  expect(jobsOf(world, 'shared')).toEqual([jobId]);
});
