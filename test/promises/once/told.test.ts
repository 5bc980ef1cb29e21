import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerQuery, type AccountState } from '../../../src/model/account.js';
import { jobsOf, postsOf, smallForecast, startFaulty, timePeriod, unfinished } from '../../support/faulty-runs.js';
import { jobOf, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ refuseCrmTypes: true, forecasts: ['refused', 'twice'].map(smallForecast) });
});
afterAll(() => world.close());

const LEFT_OUT = 'This tenant refuses the types crm_total and crm_closed; they were left out.';

test('each run that shares a job reads in its receipt what its request for the job met with', async () => {
  const runs = [
    await startFaulty(world, 'refused', [unfinished]),
    await start(world, { forecastId: 'refused', timePeriod }),
  ];
  await Promise.all(runs.map(jobOf));
  world.clari.faults.clear();
  const receipts = await Promise.all(runs.map((run) => run.result()));
  expect(receipts.map(({ warnings }) => warnings)).toEqual([[LEFT_OUT], [LEFT_OUT]]);
  const [jobId = '', ...others] = jobsOf(world, 'refused');
  expect(others).toEqual([]);
  const again = await world.export({ forecastId: 'refused', timePeriod, jobId });
  expect(again.warnings).toEqual([LEFT_OUT]);
});

test.each(['first', 'second'] as const)(
  'fault 11: a request that was delivered twice, and answered for the %s job, is reported and counted',
  async (answer) => {
    const handle = world.client.workflow.getHandle(`${world.taskQueue}-account-default`);
    const excess = async (): Promise<number> => (await handle.query<AccountState>(ledgerQuery)).excessJobs;
    const [before, posts, known] = [await excess(), postsOf(world, 'twice'), jobsOf(world, 'twice')];
    const run = await startFaulty(world, 'twice', [
      { match: { endpoint: 'createForecastExport' }, after: 1, fault: { kind: 'duplicate', answer } },
    ]);
    const receipt = await run.result();
    // The first request of each run asks for types that this tenant refuses.
    expect(postsOf(world, 'twice') - posts).toBe(2);
    const [other = '', ...more] = jobsOf(world, 'twice').filter((id) => id !== receipt.jobId && !known.includes(id));
    expect(more).toEqual([]);
    expect(receipt.warnings).toEqual([LEFT_OUT, expect.stringContaining(`delivered more than once: ${other} `)]);
    expect(await excess()).toBe(before + 1);
  },
);
