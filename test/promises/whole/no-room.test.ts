import { execFileSync } from 'node:child_process';
import { readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FailureType } from '../../../src/model/failures.js';
import {
  expectWhole,
  postsOf,
  quickRetries,
  sizeOfFile,
  smallForecast,
  timePeriod,
} from '../../support/faulty-runs.js';
import { pendingAfter } from '../../support/pending.js';
import { jobOf, start, until } from '../../support/runs.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { mayMountDisks, mountSmallDisk, type SmallDisk } from '../../support/small-disk.js';
import { startWorld, type World } from '../../support/world.js';
import { withoutEpoch } from '../../support/staged-files.js';

/* Nothing can be written (fault 15): the run says so, leaves nothing half-made, and goes on when there is room again. */

interface Row {
  readonly name: string;
  readonly title: string;
  readonly activity: 'downloadExport' | 'redactExport' | 'storeExport';
  readonly type: FailureType;
  readonly says: string;
  /** Brings it about, for a file of so many bytes. */
  readonly wrong: (disks: Disks, bytes: number) => void;
  readonly right: (disks: Disks) => void;
  /** What the run has in staging meanwhile, beside its key. */
  readonly left: readonly string[];
}
interface Disks {
  readonly staging: SmallDisk;
  readonly warehouse: SmallDisk;
}

const tables = ['entries', 'fields', 'time_frames', 'time_periods', 'users'].map((name) => `forecast_${name}.parquet`);

const rows: readonly Row[] = [
  {
    name: 'download',
    title: 'the disk of staging is full while it downloads',
    activity: 'downloadExport',
    type: 'StagingUnavailable',
    says: 'the disk is full',
    wrong: (disks, bytes) => disks.staging.fill(bytes / 2),
    right: (disks) => disks.staging.free(),
    left: ['raw.part', 'raw.part.version'],
  },
  {
    name: 'key',
    title: 'the disk of staging is full before anything is staged',
    activity: 'downloadExport',
    type: 'StagingUnavailable',
    says: 'the disk is full',
    wrong: (disks) => disks.staging.fill(0),
    right: (disks) => disks.staging.free(),
    left: [],
  },
  {
    name: 'redaction',
    title: 'the disk of staging is full while it redacts',
    activity: 'redactExport',
    type: 'StagingUnavailable',
    says: 'ENOSPC',
    wrong: (disks, bytes) => disks.staging.fill(bytes * 1.5),
    right: (disks) => disks.staging.free(),
    left: ['raw'],
  },
  {
    name: 'landing',
    title: 'the disk of the destination is full',
    activity: 'storeExport',
    type: 'DestinationUnavailable',
    says: 'No space left on device',
    wrong: (disks) => disks.warehouse.fill(0),
    right: (disks) => disks.warehouse.free(),
    left: [...tables, 'raw'],
  },
  {
    name: 'read-only-staging',
    title: 'the disk of staging is read-only',
    activity: 'downloadExport',
    type: 'StagingUnavailable',
    says: 'read-only file system',
    wrong: (disks) => disks.staging.setWritable(false),
    right: (disks) => disks.staging.setWritable(true),
    left: [],
  },
  {
    name: 'read-only-destination',
    title: 'the disk of the destination is read-only',
    activity: 'storeExport',
    type: 'DestinationUnavailable',
    says: 'Read-only file system',
    wrong: (disks) => disks.warehouse.setWritable(false),
    right: (disks) => disks.warehouse.setWritable(true),
    left: [...tables, 'raw'],
  },
];

describe.skipIf(!mayMountDisks())('fault 15: an export waits while', () => {
  let disks: Disks;
  let world: World;
  beforeAll(async () => {
    disks = { staging: mountSmallDisk(64), warehouse: mountSmallDisk(64) };
    world = await startWorld({
      forecasts: rows.map(({ name }) => ({ ...smallForecast(name), entries: 12_000 })),
      pollsUntilDone: 1_000_000,
      settings: { limits: quickRetries },
      environment: {
        CLARI_STAGING_DIR: path.join(disks.staging.path, 'staging'),
        CLARI_DESTINATION: `duckdb:${path.join(disks.warehouse.path, 'warehouse.duckdb')}`,
      },
    });
    // So that it is read where it lies in other worlds.
    await symlink(path.join(disks.warehouse.path, 'warehouse.duckdb'), path.join(world.folder, 'warehouse.duckdb'));
  });
  afterAll(async () => {
    await world.close();
    disks.staging.unmount();
    disks.warehouse.unmount();
  });

  // One after the other: they share the disks.
  test.for(rows.map((row) => [row.title, row] as const))('%s, and lands when there is room', async ([, row]) => {
    const { name, activity, type, says, wrong, right, left } = row;
    const run = await start(world, { forecastId: name, timePeriod }, name);
    const jobId = await jobOf(run);
    wrong(disks, sizeOfFile(world, name));
    try {
      world.clari.jobs.update(jobId, { state: 'done' });
      const { failure } = await pendingAfter(run, type, activity);
      expect(failure.message).toContain(says);
      await until(`what ${name} leaves`, async () => {
        const there = await stagedBy(run.firstExecutionRunId);
        return JSON.stringify(there) === JSON.stringify(left) ? true : undefined;
      });
    } finally {
      right(disks);
    }
    await expectWhole(world, await run.result());
    expect(postsOf(world, name)).toBe(1);
    expect(await stagedBy(run.firstExecutionRunId)).toEqual([]);
  });

  async function stagedBy(runKey: string): Promise<string[]> {
    const folder = path.join(disks.staging.path, 'staging', 'runs', runKey);
    const names = await readdir(folder).catch(() => []);
    return names
      .filter((name) => name !== '.key' && name !== '.owner' && !name.startsWith('scratch-'))
      .map(withoutEpoch)
      .sort();
  }
});

const canLimit = hasPrlimit();
if (!canLimit) console.log('The test without file descriptors is skipped: there is no prlimit.');

test.skipIf(!canLimit)(
  'fault 15: a worker that has no file descriptors left ends, and the next one lands its export from the same job',
  async ({ onTestFinished }) => {
    const world = await startWorld({ ...quick, forecasts: [smallForecast('descriptors')], pollsUntilDone: 0 });
    onTestFinished(() => world.close());
    const environment = { CLARI_TEST_PAUSE_AT: 'after-download' };
    const worker = await startWorkerProcess(world, undefined, { environment });
    onTestFinished(() => worker.signal('SIGKILL'));
    const run = await start(world, { forecastId: 'descriptors', timePeriod }, 'descriptors');
    await worker.says('pause at after-download');
    // Those below are taken for good: whatever else is closed, there is no number left.
    execFileSync('prlimit', ['--pid', String(worker.pid), '--nofile=10:']);
    worker.signal('SIGCONT');
    // Node itself needs one to run a workflow’s code, and gives up.
    await worker.ended;
    await world.anotherWorker();
    await expectWhole(world, await run.result());
    expect(postsOf(world, 'descriptors')).toBe(1);
    expect(await world.stagedFiles()).toEqual([]);
  },
);

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
