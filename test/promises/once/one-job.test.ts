import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.js';
import { unfinished } from '../../support/faulty-runs.js';
import { jobOf, reset, start, until } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

const ids = ['together', 'fresh', 'again', 'reset', 'restarted'] as const;
let world: World;
beforeAll(async () => {
  world = await startWorld({
    forecasts: ids.map((forecastId) => ({ forecastId, forecastName: forecastId, entries: 100, shape: 'five-lists' })),
  });
});
afterAll(() => world.close());

/** Jobs that requests have made of a forecast. */
const jobsOf = (forecastId: string): string[] =>
  world.clari.jobs.all().flatMap((job) => (job.request.forecastId === forecastId ? [job.jobId] : []));

const copies = async (receipt: Receipt): Promise<unknown> => {
  const [row] = await world.rows(
    `SELECT count(*)::INT, (SELECT count(*)::INT FROM exports WHERE export_id = '${receipt.exportId}')
     FROM forecast_entries WHERE export_id = '${receipt.exportId}'`,
  );
  return row;
};

describe('one request spends one job', () => {
  test('two runs that ask for the same at once share a job, and one copy lands', async () => {
    const asked = { forecastId: 'together', timePeriod: '2027_Q2' };
    world.clari.faults.add(unfinished);
    const runs = [await start(world, asked), await start(world, asked)] as const;
    // One that began after the other's end would be another export.
    await Promise.all(runs.map(jobOf));
    world.clari.faults.clear();
    const [first, second] = await Promise.all([runs[0].result(), runs[1].result()]);
    expect(jobsOf('together')).toEqual([first.jobId]);
    expect(second.exportId).toBe(first.exportId);
    expect(second.loadId).toBe(first.loadId);
    expect(await copies(first)).toEqual([world.clari.expected(first.jobId).counts.entries, 1]);
  });

  test('a run after one that has ended is another export; fresh: true is one even beside a run under way', async () => {
    const asked = { forecastId: 'fresh', timePeriod: '2027_Q2' };
    await world.export(asked);
    const running = await start(world, asked);
    // Were the fresh one first, the other would rightly join it.
    await until('its job', () => Promise.resolve(jobsOf('fresh')[1]));
    const fresh = await world.export({ ...asked, fresh: true });
    const first = await running.result();
    expect(fresh.exportId).not.toBe(first.exportId);
    expect(jobsOf('fresh')).toHaveLength(3);
    expect(jobsOf('fresh')).toEqual(expect.arrayContaining([first.jobId, fresh.jobId]));
    expect(await world.rows("SELECT count(*)::INT FROM exports WHERE forecast_id = 'fresh'")).toEqual([[3]]);
  });

  test('jobId lands a finished job once more without a new one, also from a request that says less', async () => {
    const first = await world.export({ forecastId: 'again', timePeriod: '2027_Q2' });
    const second = await world.export({ forecastId: 'again', timePeriod: '2027_Q2', jobId: first.jobId });
    const third = await world.export({ forecastId: 'again', jobId: first.jobId });
    expect([second.exportId, third.exportId]).toEqual([first.exportId, first.exportId]);
    expect(jobsOf('again')).toEqual([first.jobId]);
    expect(await copies(first)).toEqual([world.clari.expected(first.jobId).counts.entries, 1]);
  });

  test('a run that is reset after its end gets its own job back', async () => {
    const handle = await start(world, { forecastId: 'reset', timePeriod: '2027_Q2', fresh: true });
    const first = await handle.result();
    await reset(world.client, handle.workflowId, handle.firstExecutionRunId);
    const again: unknown = await world.client.workflow.getHandle(handle.workflowId).result();
    expect(again).toEqual(first);
    expect(jobsOf('reset')).toEqual([first.jobId]);
  });

  test('the ledger outlives a cancellation of its workflow', async () => {
    const receipt = await world.export({ forecastId: 'fresh' });
    const account = world.client.workflow.getHandle(`${world.taskQueue}-account-default`);
    await account.cancel();
    const ledger = await account.query<{ entries: { exportId: string }[] }>('ledger');
    expect(ledger.entries.map(({ exportId }) => exportId)).toContain(receipt.exportId);
    expect((await account.describe()).status.name).toBe('RUNNING');
  });
});
