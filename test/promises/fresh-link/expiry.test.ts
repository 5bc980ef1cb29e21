import { afterEach, expect, test } from 'vitest';
import { expectWhole, jobsOf, postsOf, quickRetries, smallForecast, startFaulty } from '../../support/faulty-runs.js';
import { detailsOf } from '../../support/pending.js';
import { failureOf, stage, type ExportHandle } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/* A file that Clari keeps for less time than its download may have to wait: its end is a deadline of the run. */

const MINUTE_MS = 60_000;

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const open = (fileLifetimeMs: number): Promise<World> =>
  startWorld({
    fileLifetimeMs,
    pollsUntilDone: 0,
    forecasts: [smallForecast('expiring')],
    settings: { idleTimeoutMs: 2_000, limits: quickRetries },
  });

/** Priority, and seconds for all attempts together, of each activity of a run that Temporal was asked for. */
async function scheduled(run: ExportHandle): Promise<Record<string, readonly [priority: number, seconds: number]>> {
  const { events } = await run.fetchHistory();
  const tasks = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: task }) => (task ? [task] : []));
  return Object.fromEntries(
    tasks.map(({ activityType, priority, scheduleToCloseTimeout }) => [
      activityType?.name ?? '',
      [priority?.priorityKey ?? 0, Number(scheduleToCloseTimeout?.seconds ?? 0)],
    ]),
  );
}

test('with less than an hour left, the run says so, and its download goes before others', async () => {
  world = await open(20 * MINUTE_MS);
  // The download comes to no end before it has been looked at.
  const run = await startFaulty(world, 'expiring', [
    { match: { endpoint: 'results' }, times: 'always', fault: { kind: 'stall', afterBytes: 0 } },
  ]);
  await stage(run, 'downloading');
  expect(await detailsOf(run)).toMatch(
    /\| file expires \| \d{4}-\S+Z, in (20|19) minute\(s\): its download goes first \|/,
  );
  world.clari.faults.clear();
  await expectWhole(world, await run.result());
  expect(await detailsOf(run)).not.toContain('file expires');
  const { downloadExport, ...others } = await scheduled(run);
  expect(downloadExport?.[0]).toBe(1);
  expect(downloadExport?.[1]).toBeLessThanOrEqual(20 * 60);
  // What is fetched goes on before more is fetched; nothing else has a priority.
  const priorities = Object.entries(others).filter(([, [priority]]) => priority > 0);
  expect(priorities.map(([activity, [priority]]) => [activity, priority]).sort()).toEqual([
    ['redactExport', 2],
    ['storeExport', 2],
  ]);
});

test('with days left, the download has all its time and waits its turn', async () => {
  world = await open(3 * 24 * 60 * MINUTE_MS);
  const run = await startFaulty(world, 'expiring', []);
  await run.result();
  expect((await scheduled(run))['downloadExport']).toEqual([0, 24 * 60 * 60]);
});

test.each([
  ['refused again and again', { kind: 'status', status: 503 }],
  ['too slow', { kind: 'drip', bytes: 1, everyMs: 1000 }],
] as const)('a download that is %s until the file expires ends the run as expired', async (_, fault) => {
  world = await open(15_000);
  const run = await startFaulty(world, 'expiring', [{ match: { endpoint: 'results' }, times: 'always', fault }]);
  const failure = await failureOf(run.result());
  const [jobId = ''] = jobsOf(world, 'expiring');
  expect(failure.type).toBe('ExportExpired');
  expect(failure.message).toContain(`The file of job ${jobId} was not downloaded before Clari discards it at 2`);
  expect(failure.message).toContain('fresh: true');
  expect(postsOf(world, 'expiring')).toBe(1);
});
