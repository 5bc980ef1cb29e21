import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.js';
import { exportTypes } from '../../../src/model/request.js';
import type { Child } from '../../support/child.js';
import { startWorkerProcess } from '../../support/child-worker.js';
import { expectWhole, postsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/*
 * One export, several who land it: two deployments of this version, with other configurations and policies, each with a ledger of its
 * own; then two workers of one deployment. A database that an earlier version made is in destinations/duckdb-destination.test.ts.
 */

const USER = 40_112;

let ours: World;
let theirs: World;
const workers: Child[] = [];
beforeAll(async () => {
  const forecasts = ['turns', 'at-once', 'shared'].map(smallForecast);
  ours = await startWorld({ forecasts, pollsUntilDone: 0, concurrentLimit: 100 });
  theirs = { ...ours, taskQueue: `${ours.taskQueue}-theirs` };
  workers.push(
    await startWorkerProcess(ours, undefined, {
      environment: {
        CLARI_TASK_QUEUE: theirs.taskQueue,
        CLARI_STAGING_DIR: path.join(ours.folder, 'staging-of-theirs'),
        CLARI_ENVIRONMENT: 'production',
      },
    }),
  );
});
afterAll(async () => {
  for (const worker of workers) worker.signal('SIGKILL');
  await ours.client.workflow.getHandle(`${theirs.taskQueue}-account-default`).terminate('the test is over');
  await ours.close();
});

const land = async (by: World, forecastId: string, jobId: string | null = null): Promise<Receipt> =>
  (await start(by, { forecastId, timePeriod, jobId }, forecastId)).result();

/** Policies of the snapshots that a forecast has. */
const policies = (forecastId: string): Promise<unknown[][]> =>
  ours.rows(`SELECT policy FROM exports WHERE forecast_id = '${forecastId}'`);

test('fault 25: an export that two deployments with other configurations land in turn is one copy, that of the last one', async () => {
  const first = await land(ours, 'turns');
  const second = await land(theirs, 'turns', first.jobId);
  expect(second.exportId).toBe(first.exportId);
  expect([second.loadId, second.configDigest, second.policy.name]).not.toEqual([
    first.loadId,
    first.configDigest,
    first.policy.name,
  ]);
  expect(await policies('turns')).toEqual([['production@1']]);
  await expectWhole(ours, second);
  expect(await land(ours, 'turns', first.jobId)).toMatchObject({ exportId: first.exportId, loadId: first.loadId });
  expect(await policies('turns')).toEqual([['keyed@1']]);
  await expectWhole(ours, second);
  expect(postsOf(ours, 'turns')).toBe(1);
});

test('fault 25: a job that two deployments with other configurations land at once is one copy, that of one of them', async () => {
  const request = { forecastId: 'at-once', timePeriod, typesToExport: exportTypes, currency: null, scopeId: null };
  const { jobId } = ours.clari.jobs.create(USER, { ...request, includeHistorical: true });
  const receipts = await Promise.all([land(ours, 'at-once', jobId), land(theirs, 'at-once', jobId)]);
  const left = await policies('at-once');
  expect(left).toHaveLength(1);
  for (const receipt of receipts) await expectWhole(ours, receipt);
});

test('fault 19: an export that two runs land at once, at two workers, is one copy with one receipt', async () => {
  workers.push(await startWorkerProcess(ours));
  const runs = await Promise.all(['one', 'two'].map((name) => start(ours, { forecastId: 'shared', timePeriod }, name)));
  const [one, two] = await Promise.all(runs.map((run) => run.result()));
  expect(two).toEqual(one);
  if (one) await expectWhole(ours, one);
  expect(postsOf(ours, 'shared')).toBe(1);
});
