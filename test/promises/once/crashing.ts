import { expect } from 'vitest';
import { crashPoints, type CrashPoint } from '../../../src/crash/crash-point.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { stage, start } from '../../support/runs.js';
import { startWorld } from '../../support/world.js';

export const request = { forecastId: 'emea_bookings', timePeriod: '2027_Q2' };

/** Big enough for the download to say on its way how far it is. */
export const forecasts = [
  { forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: 8_000, shape: 'five-lists' },
] as const;

/** Nothing is done between these and their neighbours but by somebody else: they are there to stand still at. */
const standing: readonly CrashPoint[] = ['before-prepare', 'after-prepare'];
const cancelling: readonly CrashPoint[] = ['before-cancel', 'after-cancel'];
/** Those at which most can go wrong; `npm run test:long` crashes at the others. */
const first: readonly CrashPoint[] = ['after-intent', 'after-post', 'mid-download', 'mid-redaction', 'after-commit'];

const landing = crashPoints.filter((point) => ![...cancelling, ...standing].includes(point));

export const crashesOnTheWay = {
  first: landing.filter((point) => first.includes(point)),
  others: landing.filter((point) => !first.includes(point)),
};
export const crashesOfCancelling = { first: cancelling.slice(1), others: cancelling.slice(0, 1) };

export const leavesExport =
  'fault 1: a worker killed %s leaves its export to the next one: one job, one snapshot, nothing staged';
export const leavesCancellation =
  'fault 1: a worker killed %s leaves the cancellation to the next one: the job is cancelled, nothing staged';

export async function survivesCrash(point: CrashPoint): Promise<void> {
  const world = await startWorld({ ...quick, forecasts });
  try {
    const doomed = await startWorkerProcess(world, point);
    const run = await start(world, request, point);
    const died = await doomed.ended;
    expect(died.stderr).toContain(`crash at ${point}`);
    await world.anotherWorker();
    const receipt = await run.result();
    expect(world.clari.journal.jobsCreated()).toEqual([receipt.jobId]);
    const { entries } = world.clari.expected(receipt.jobId).counts;
    expect(await world.rows('SELECT count(*)::INT FROM forecast_entries')).toEqual([[entries]]);
    expect(await world.rows('SELECT export_id, job_id FROM exports')).toEqual([[receipt.exportId, receipt.jobId]]);
    expect(await world.stagedFiles()).toEqual([]);
  } finally {
    await world.close();
  }
}

export async function survivesCancelling(point: CrashPoint): Promise<void> {
  const world = await startWorld({ ...quick, forecasts, pollsUntilDone: 100_000 });
  try {
    const doomed = await startWorkerProcess(world, point);
    const run = await start(world, request, point);
    await stage(run, 'exporting');
    await run.cancel();
    await doomed.ended;
    await world.anotherWorker();
    await expect(run.result()).rejects.toThrow();
    expect((await run.describe()).status.name).toBe('CANCELLED');
    const [job, ...others] = world.clari.jobs.all();
    expect([job?.state, others]).toEqual([expect.stringMatching(/cancelled|aborted/), []]);
    expect(await world.stagedFiles()).toEqual([]);
  } finally {
    await world.close();
  }
}
