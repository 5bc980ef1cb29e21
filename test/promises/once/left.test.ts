import { afterAll, beforeAll, expect, test } from 'vitest';
import { whatKey } from '../../../src/activities/start-export.js';
import {
  accountUpdates,
  accountWorkflowType,
  ledgerQuery,
  type AccountState,
  type SettleInput,
} from '../../../src/model/account.js';
import { checkRequest } from '../../../src/model/request-check.js';
import { taskQueues } from '../../../src/model/task-queues.js';
import { jobsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { hour, Ledger } from '../../support/ledger.js';
import { ending, jobOf, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/* Runs that have left an export whose job others wait for. */

const OWN_USER = 40_112;
let world: World;
beforeAll(async () => {
  world = await startWorld({ forecasts: ['shared', 'old'].map(smallForecast), pollsUntilDone: 1_000_000 });
});
afterAll(() => world.close());

test('who joins the job of a run that was terminated reads in the receipt how old it is', async () => {
  const asked = { forecastId: 'old', timePeriod };
  const checked = checkRequest([asked]);
  if (checked.outcome !== 'good') throw new Error('a request that is none');
  const { jobId } = world.clari.jobs.create(OWN_USER, {
    ...asked,
    typesToExport: ['forecast'],
    currency: null,
    scopeId: null,
    includeHistorical: true,
  });
  const ledger = new Ledger();
  ledger.now = Date.now() - 47 * hour;
  ledger.created('terminated/0199aaaa', jobId, { whatKey: whatKey('default', checked.request), forecastId: 'old' });
  await world.client.workflow.start(accountWorkflowType, {
    workflowId: taskQueues(world.taskQueue).account('default'),
    taskQueue: world.taskQueue,
    args: [ledger.state],
  });
  const run = await start(world, asked);
  expect(await jobOf(run)).toBe(jobId);
  world.clari.jobs.update(jobId, { state: 'done' });
  const { warnings } = await run.result();
  expect(warnings).toContainEqual(expect.stringContaining('made 2820 minutes before for a run that is gone'));
});

test('a job stays while another run waits for it, also when its maker is cancelled twice over', async () => {
  const asked = { forecastId: 'shared', timePeriod };
  const maker = await start(world, asked);
  const jobId = await jobOf(maker);
  const other = await start(world, asked);
  expect(await jobOf(other)).toBe(jobId);
  const ledger = world.client.workflow.getHandle(taskQueues(world.taskQueue).account('default'));
  const { entries } = await ledger.query<AccountState>(ledgerQuery);
  const entry = entries.find((one) => one.jobId === jobId);
  const [requester = ''] = entry?.requesters ?? [];
  expect(requester).toContain(maker.workflowId);
  // What an attempt of cancelExport does that dies before it can answer.
  const settled: SettleInput = { exportId: entry?.exportId ?? '', requester, state: 'cancelled' };
  await ledger.executeUpdate(accountUpdates.settle, { args: [settled] });
  await maker.cancel();
  expect(await ending(world.client, maker)).toBe('CANCELLED');
  expect(world.clari.jobs.unfinished().map((job) => job.jobId)).toContain(jobId);
  world.clari.jobs.update(jobId, { state: 'done' });
  expect((await other.result()).jobId).toBe(jobId);
  expect(jobsOf(world, 'shared')).toEqual([jobId]);
});
