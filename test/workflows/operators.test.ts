import { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../src/testing/fake-clari/index.js';
import { unfinished } from '../support/faulty-runs.js';
import { stage, start, until, type ExportHandle } from '../support/runs.js';
import { temporal } from '../support/typed-runs.js';
import { startWorld, type World } from '../support/world.js';

const ids = ['polled', 'paused', 'reset', 'changed', 'rewound'] as const;
/** The whole of the download takes long enough for an operator to step in. */
const slow = (forecastId: string): FaultRule => ({
  match: { endpoint: 'results', forecastId },
  fault: { kind: 'drip', bytes: 8_000, everyMs: 100, afterBytes: 2_000_000 },
});

const PAUSED = proto.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED;

let world: World;
beforeAll(async () => {
  world = await startWorld({
    concurrentLimit: 10,
    forecasts: ids.map((forecastId) => ({
      forecastId,
      forecastName: forecastId,
      entries: 12_000,
      shape: 'five-lists',
    })),
  });
});
afterAll(() => world.close());

const request = (forecastId: string) => ({ forecastId, timePeriod: '2027_Q2' });

/** The activity that a run is in, as `temporal workflow describe` shows it. */
async function pending(run: ExportHandle) {
  const { raw } = await run.describe();
  return raw.pendingActivities?.[0];
}

/** Says something about the activity that the run is in. */
async function operate(run: ExportHandle, command: string, ...words: readonly string[]): Promise<void> {
  const id = (await pending(run))?.activityId ?? '';
  const place = ['--workflow-id', run.workflowId, '--activity-id', id];
  const { exitCode, screen } = await temporal('activity', command, ...place, ...words);
  expect([exitCode, screen]).toEqual([0, expect.anything()]);
}

const isPaused = (run: ExportHandle): Promise<true> =>
  until('the activity is paused and idle', async () => {
    const activity = await pending(run);
    // While an attempt still runs the pause is only asked for.
    return activity?.paused === true && activity.state === PAUSED ? true : undefined;
  });

const downloads = (forecastId: string) =>
  world.clari.journal.entries.filter(
    ({ endpoint, jobId }) => endpoint === 'results' && jobId !== undefined && jobId === jobOf(forecastId),
  );
const jobsOf = (forecastId: string) =>
  world.clari.jobs.all().filter((job) => job.kind === 'forecast' && job.request.forecastId === forecastId);
const jobOf = (forecastId: string): string | undefined => jobsOf(forecastId)[0]?.jobId;

/** Its one job landed whole. */
async function expectLanded(run: ExportHandle, forecastId: string): Promise<void> {
  const receipt = await run.result();
  expect(jobsOf(forecastId).map(({ jobId }) => jobId)).toEqual([receipt.jobId]);
  const expected = world.clari.expected(receipt.jobId);
  expect(receipt.raw).toEqual({ bytes: expected.bytes, sha256: expected.sha256() });
  expect(receipt.tables[0]?.landed).toBe(expected.counts.entries);
}

/** A run in the middle of a slow download. */
async function slowDownload(forecastId: string): Promise<ExportHandle> {
  world.clari.faults.add(slow(forecastId));
  const run = await start(world, request(forecastId));
  await stage(run, 'downloading');
  const jobId = jobOf(forecastId);
  await world.clari.journal.waitFor((entry) => entry.jobId === jobId && entry.bytesSent > 2_000_000);
  return run;
}

describe('an operator', () => {
  test('pauses the wait for Clari, which goes on when told', async () => {
    world.clari.faults.add(unfinished);
    const run = await start(world, request('polled'));
    await stage(run, 'exporting');
    await operate(run, 'pause', '--reason', 'maintenance');
    await isPaused(run);
    world.clari.faults.clear();
    await operate(run, 'unpause');
    await expectLanded(run, 'polled');
  });

  test('pauses a download: it lets go of the connection, and goes on from the bytes that are there', async () => {
    const run = await slowDownload('paused');
    await operate(run, 'pause');
    await isPaused(run);
    expect(downloads('paused').map(({ end }) => end)).toEqual(['broken']);
    await operate(run, 'unpause');
    await expectLanded(run, 'paused');
    expect(downloads('paused').map(({ status }) => status)).toEqual([200, 206]);
  });

  test('resets a download: it begins its attempts anew and goes on from the bytes that are there', async () => {
    const run = await slowDownload('reset');
    await operate(run, 'reset');
    await expectLanded(run, 'reset');
  });

  test('changes the time limits of a download that runs', async () => {
    const run = await slowDownload('changed');
    await operate(run, 'update-options', '--start-to-close-timeout', '2h');
    await expectLanded(run, 'changed');
  });

  test('resets a run in the middle: it begins anew with its own job', async () => {
    const run = await slowDownload('rewound');
    const words = ['--workflow-id', run.workflowId, '--type', 'FirstWorkflowTask', '--reason', 'again'];
    expect(await temporal('workflow', 'reset', ...words)).toMatchObject({ exitCode: 0 });
    // Without a run id: the one that the reset made.
    await expectLanded(world.client.workflow.getHandle(run.workflowId) as ExportHandle, 'rewound');
  });
});
