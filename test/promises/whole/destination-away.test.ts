import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LoaderProcess } from '../../destinations/loader-process.js';
import { expectWhole, jobsOf, postsOf, quickRetries, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { pendingAfter } from '../../support/pending.js';
import { ending, failureOf, jobOf, start, type ExportHandle } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/* The destination can not be had when a run wants to land (fault 17). One after the other: it is the same for all. */

let world: World;
let warehouse: string;
let reader: LoaderProcess;
beforeAll(async () => {
  world = await startWorld({
    forecasts: ['read', 'replaced', 'cancelled'].map(smallForecast),
    pollsUntilDone: 1_000_000,
    settings: { limits: quickRetries },
  });
  warehouse = path.join(world.folder, 'warehouse.duckdb');
});
afterAll(() => world.close());
afterEach(() => reader.kill());

/** A run whose job is done only after something has happened to the destination. */
async function exporting(forecastId: string, happens: () => Promise<unknown>): Promise<ExportHandle> {
  const run = await start(world, { forecastId, timePeriod }, forecastId);
  const jobId = await jobOf(run);
  reader = new LoaderProcess(warehouse);
  await happens();
  world.clari.jobs.update(jobId, { state: 'done' });
  return run;
}

const reading = async (): Promise<void> =>
  expect(await reader.tell({ do: 'read', sql: 'SELECT 1' })).toMatchObject({ ok: true });
const snapshots = (forecastId: string): Promise<unknown[][]> =>
  world.rows(`SELECT job_id FROM exports WHERE forecast_id = '${forecastId}'`);

test('fault 17: a run waits for another program that has the destination open, and names it', async () => {
  const run = await exporting('read', reading);
  const { failure } = await pendingAfter(run, 'DestinationBusy', 'storeExport');
  expect(failure.message).toContain(`PID ${reader.pid}`);
  await reader.tell({ do: 'stop reading' });
  await expectWhole(world, await run.result());
});

test('fault 17: a run that is cancelled while it waits for the destination leaves nothing there, and its job can be landed', async () => {
  const run = await exporting('cancelled', reading);
  await pendingAfter(run, 'DestinationBusy', 'storeExport');
  await run.cancel();
  expect(await ending(world.client, run)).toBe('CANCELLED');
  await reader.tell({ do: 'stop reading' });
  expect(await snapshots('cancelled')).toEqual([]);
  expect(await world.stagedFiles()).toEqual([]);
});

test('fault 17: a run ends when its destination is a file of something else, which stays as it is, and its job can be landed later', async () => {
  const kept = `${warehouse}.kept`;
  const run = await exporting('replaced', async () => {
    await rename(warehouse, kept);
    await writeFile(warehouse, 'Jane Doe, not a database'.repeat(500));
  });
  const { type, message } = await failureOf(run.result());
  expect([type, message]).toEqual([
    'DestinationIncompatible',
    expect.stringContaining('is not a sound DuckDB database'),
  ]);
  expect(message).not.toContain('Jane');
  await rm(warehouse);
  await rename(kept, warehouse);
  expect(await snapshots('replaced')).toEqual([]);
  const [jobId = ''] = jobsOf(world, 'replaced');
  await expectWhole(world, await world.export({ forecastId: 'replaced', timePeriod, jobId }));
  expect(postsOf(world, 'replaced')).toBe(1);
});
