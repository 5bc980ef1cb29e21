import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobsOf, smallForecast, startFaulty } from '../support/faulty-runs.js';
import { slow } from '../support/outage.js';
import { ending, until, type ExportHandle } from '../support/runs.js';
import { startWorld, type World } from '../support/world.js';
import { hasBytes } from '../support/staged-files.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    // Of some megabytes, since what comes is joined before it is written.
    forecasts: ['terminated', 'running'].map((id) => ({ ...smallForecast(id), entries: 12_000 })),
    pollsUntilDone: 0,
    sweepEveryMs: 250,
  });
});
afterAll(() => world.close());

const runs = (): string => path.join(world.folder, 'staging', 'runs');

/** A run that has some bytes in staging and waits for more. */
async function downloading(forecastId: string): Promise<ExportHandle> {
  const handle = await startFaulty(world, forecastId, [slow]);
  await until(`bytes of ${forecastId}`, () => hasBytes(path.join(runs(), handle.firstExecutionRunId)));
  return handle;
}

test('what a terminated run has left in staging is removed, and nothing of a run that is under way', async () => {
  const stranger = path.join(runs(), 'of-nobody-knows-whom');
  await mkdir(stranger);
  await writeFile(path.join(stranger, 'raw'), 'of a run that may go on');
  const [terminated, running] = await Promise.all([downloading('terminated'), downloading('running')]);
  await terminated.terminate('by the test');
  await until('nothing of it', async () =>
    (await readdir(runs())).includes(terminated.firstExecutionRunId) ? undefined : true,
  );
  expect((await readdir(runs())).sort()).toEqual([running.firstExecutionRunId, 'of-nobody-knows-whom'].sort());
  expect(world.logs.filter((line) => line.includes('"event":"swept"'))).toEqual([
    expect.stringContaining(terminated.firstExecutionRunId),
  ]);
  expect(await readdir(path.join(world.folder, 'warehouse.duckdb.closed'))).toEqual([
    `run-${terminated.firstExecutionRunId}`,
  ]);
  await running.cancel();
  expect(await ending(world.client, running)).toBe('CANCELLED');
  expect(await readdir(runs())).toEqual(['of-nobody-knows-whom']);
  expect(jobsOf(world, 'running')).toHaveLength(1);
});
