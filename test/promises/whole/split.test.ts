import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.js';
import { exportTypes, type ExportType } from '../../../src/model/request.js';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { fetchesOf, jobsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { hurry, pendingAfter } from '../../support/pending.js';
import { ending, failureOf, jobOf, reset, start, until, type ExportHandle } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

const ids = ['whole', 'cut-again', 'alone', 'shared', 'reset', 'relanded', 'again'] as const;
/** One entry an owner; two of the owners have two roles. */
const flat = { forecastId: 'flat', forecastName: 'Flat', entries: 60, users: 60, shape: 'flat' } as const;
/** As many jobs at once as anybody wants. */
const fast = { concurrentLimit: 100, pollsUntilDone: 1 };
let world: World;
beforeAll(async () => {
  world = await startWorld({ ...fast, forecasts: [...ids.map(smallForecast), flat] });
});
afterAll(() => world.close());

/** Truncates one of a forecast's jobs. @param after so many that no rule before this one has struck */
const truncating = (forecastId: string, after = 0): FaultRule => ({
  match: { endpoint: 'createForecastExport', forecastId },
  after,
  fault: { kind: 'job', rowsTruncated: true },
});

const splitting = (forecastId: string) => ({ forecastId, timePeriod, splitIfTruncated: true });

/** How many parts of a split export are asked for before that of a type. */
const placeOf = (type: ExportType): number => exportTypes.indexOf(type);

const partOf = (forecastId: string, type: ExportType): string =>
  jobsOf(world, forecastId)[1 + placeOf(type)] ?? 'no such job';

const contentOf = ({ tables }: Receipt): unknown =>
  tables.map(({ table, landed, duplicates, checksum }) => ({ table, landed, duplicates, checksum }));

describe('an export that Clari truncates and that may be split', () => {
  test('is made of a job for each type, and lands as the one snapshot that it would have been', async () => {
    world.clari.faults.add(truncating('whole'));
    const split = await world.export(splitting('whole'));
    const [cut, ...jobs] = jobsOf(world, 'whole');
    expect(split).toMatchObject({ jobId: cut, complete: true });
    const { parts = [] } = split;
    expect(parts.map(({ type, jobId }) => [type, jobId]).sort()).toEqual(
      exportTypes.map((type) => [type, partOf('whole', type)]).sort(),
    );
    const files = jobs.map((jobId) => {
      const file = world.clari.expected(jobId);
      return [jobId, file.counts.entries, file.sha256()];
    });
    expect(parts.map(({ jobId, rows, sha256 }) => [jobId, rows, sha256]).sort()).toEqual(files.sort());
    const captured = parts.map(({ capturedAt }) => capturedAt);
    expect([...captured].sort()).toEqual(captured);
    expect(split.capturedAt).toBe(captured[0]);
    expect(split.warnings).toEqual([expect.stringContaining(`captured between ${captured[0]} and ${captured.at(-1)}`)]);
    for (const { table, read, joined = 0, staged, landed } of split.tables)
      expect([table, read - joined, landed]).toEqual([table, staged, staged]);

    const whole = await world.export({ forecastId: 'whole', timePeriod, fresh: true });
    expect(contentOf(split)).toEqual(contentOf(whole));
    expect(await world.rows("SELECT job_id, complete FROM exports WHERE forecast_id = 'whole' ORDER BY 1")).toEqual(
      [split.jobId, whole.jobId].sort().map((jobId) => [jobId, true]),
    );
    expect(await world.stagedFiles()).toEqual([]);
    expect(jobsOf(world, 'whole')).toHaveLength(8);
  });

  test('joins flat entries by their owner; those of an owner with several stand side by side', async () => {
    world.clari.faults.add(truncating('flat'));
    const split = await world.export(splitting('flat'));
    const whole = await world.export({ forecastId: 'flat', timePeriod, fresh: true });
    expect([split, whole].map(({ tables }) => tables[0]?.landed)).toEqual([56 + 4 * 6, 60]);
    expect(split.warnings).toContainEqual(expect.stringContaining('24 entries could not be joined'));
    const values = ['forecast_value', 'quota_value', 'adjustment_value', 'crm_total', 'crm_closed'].map(
      (column) => `sum(${column})::VARCHAR, count(${column})::INT`,
    );
    const amounts = `SELECT ${values.join(', ')} FROM forecast_entries WHERE export_id =`;
    const ofWhole = await world.rows(`${amounts} '${whole.exportId}'`);
    expect(await world.rows(`${amounts} '${split.exportId}'`)).toEqual(ofWhole);
  });

  test('fails where a type by itself is truncated too, and lands as incomplete where that is allowed', async () => {
    world.clari.faults.add(truncating('cut-again'), truncating('cut-again', placeOf('quota')));
    const failure = await failureOf(world.export(splitting('cut-again')));
    const [cut = ''] = jobsOf(world, 'cut-again');
    expect(failure.type).toBe('ExportTruncated');
    const quota = partOf('cut-again', 'quota');
    expect(failure.message).toContain(`the result of job ${cut}, and by themselves quota (job ${quota}) too.`);
    expect(failure.message).toContain(`a request with "jobId":"${cut}","splitIfTruncated":true lands it`);

    const receipt = await world.export({ ...splitting('cut-again'), jobId: cut, allowIncomplete: true });
    expect(receipt.complete).toBe(false);
    expect(receipt.parts?.filter(({ complete }) => !complete).map(({ type }) => type)).toEqual(['quota']);
    expect(jobsOf(world, 'cut-again')).toHaveLength(7);
  });

  test('can not be split where one type alone was asked for', async () => {
    world.clari.faults.add(truncating('alone'));
    const failure = await failureOf(world.export({ ...splitting('alone'), typesToExport: ['quota'] }));
    expect(failure.type).toBe('ExportTruncated');
    expect(failure.message).toContain('which is of one type alone and can not be split');
    expect(jobsOf(world, 'alone')).toHaveLength(1);
  });

  test('spends its jobs once: two runs that share it share its parts', async () => {
    world.clari.faults.add(truncating('shared'));
    const [first, second] = await Promise.all([world.export(splitting('shared')), world.export(splitting('shared'))]);
    expect(second.exportId).toBe(first.exportId);
    expect(second.parts).toEqual(first.parts);
    expect(jobsOf(world, 'shared')).toHaveLength(7);
    expect(await world.rows("SELECT count(*)::INT FROM exports WHERE forecast_id = 'shared'")).toEqual([[1]]);
  });

  test('spends its jobs once: a run that is reset gets them back', async () => {
    world.clari.faults.add(truncating('reset'));
    const run = await start(world, splitting('reset'));
    const first = await run.result();
    await reset(world.client, run.workflowId, run.firstExecutionRunId);
    const again: unknown = await world.client.workflow.getHandle(run.workflowId).result();
    expect(again).toEqual(first);
    expect(jobsOf(world, 'reset')).toHaveLength(7);
  });

  test('is landed again by the job that was truncated, and not by that of a part', async () => {
    world.clari.faults.add(truncating('relanded'));
    const first = await world.export(splitting('relanded'));
    const again = await world.export({ ...splitting('relanded'), jobId: first.jobId });
    expect([again.exportId, again.loadId]).toEqual([first.exportId, first.loadId]);
    const jobId = partOf('relanded', 'quota');
    const failure = await failureOf(world.export({ forecastId: 'relanded', timePeriod, jobId }));
    expect(failure.type).toBe('RequestRefused');
    expect(failure.message).toContain(`Job ${jobId} holds one type of the export ${first.exportId}`);
    expect(jobsOf(world, 'relanded')).toHaveLength(7);
  });

  test('goes on behind the parts that are downloaded, where an attempt at the next one fails', async () => {
    world.clari.faults.add(truncating('again'), {
      match: { endpoint: 'results', forecastId: 'again' },
      after: 3,
      fault: { kind: 'status', status: 503 },
    });
    const { parts = [] } = await world.export(splitting('again'));
    expect(parts.map(({ jobId }) => fetchesOf(world, jobId).length)).toEqual([1, 1, 1, 2, 1, 1]);
  });

  test('leaves out the crm types where the tenant refuses them', async () => {
    const other = await startWorld({ ...fast, forecasts: [smallForecast('crm')], refuseCrmTypes: true });
    try {
      // The first request is refused for its crm types.
      other.clari.faults.add(truncating('crm', 1));
      const { parts = [], complete, warnings } = await other.export(splitting('crm'));
      expect(parts.map(({ type }) => type).sort()).toEqual(['adjustment', 'forecast', 'forecast_updated', 'quota']);
      expect(complete).toBe(true);
      expect(warnings).toContain('This tenant refuses the type(s) crm_total, crm_closed; left out.');
      expect(jobsOf(other, 'crm')).toHaveLength(5);
    } finally {
      await other.close();
    }
  });

  test('outlives its worker: the next one goes on with the jobs that are there', async () => {
    const orphaned = await startWorld({ ...quick, ...fast, forecasts: [smallForecast('orphan')] });
    try {
      orphaned.clari.faults.add(truncating('orphan'));
      const doomed = await startWorkerProcess(orphaned);
      const run = await start(orphaned, splitting('orphan'));
      await until('a part', () => Promise.resolve(jobsOf(orphaned, 'orphan').length > 1 || undefined));
      doomed.signal('SIGKILL');
      await doomed.ended;
      await orphaned.anotherWorker();
      const { parts = [], jobId } = await run.result();
      expect([jobId, ...parts.map((part) => part.jobId)].sort()).toEqual([...jobsOf(orphaned, 'orphan')].sort());
      expect(await orphaned.stagedFiles()).toEqual([]);
    } finally {
      await orphaned.close();
    }
  });
});

describe('an export that is being split', () => {
  let slow: World;
  beforeAll(async () => {
    // No job ends before the test says so.
    slow = await startWorld({ forecasts: ['cancelled', 'failing'].map(smallForecast), pollsUntilDone: 1_000_000 });
  });
  afterAll(() => slow.close());

  /** A run whose parts are being exported: three at once, as Clari takes them, while the others wait for room. */
  async function underWay(forecastId: string): Promise<{ run: ExportHandle; jobs: readonly string[] }> {
    slow.clari.faults.add(truncating(forecastId));
    const run = await start(slow, splitting(forecastId));
    const cut = await jobOf(run);
    slow.clari.jobs.update(cut, { state: 'done' });
    const jobs = await until('three parts', () => {
      const all = jobsOf(slow, forecastId);
      return Promise.resolve(all.length === 4 ? all.slice(1) : undefined);
    });
    return { run, jobs };
  }

  const atWork = (jobs: readonly string[]): readonly string[] =>
    jobs.filter((jobId) => !['cancelled', 'aborted'].includes(slow.clari.jobs.get(jobId)?.state ?? ''));

  test('is cancelled with all its jobs', async () => {
    const { run, jobs } = await underWay('cancelled');
    await run.cancel();
    expect(await ending(slow.client, run)).toBe('CANCELLED');
    expect(atWork(jobs)).toEqual([]);
    const account = slow.client.workflow.getHandle(`${slow.taskQueue}-account-default`);
    const { entries } = await account.query<{ entries: { active: string[] }[] }>('ledger');
    expect(entries.flatMap(({ active }) => active)).toEqual([]);
  });

  test('fails with what one type fails with, and cancels the others', async () => {
    const { run, jobs } = await underWay('failing');
    const [forecast, quota = '', updated] = jobs;
    slow.clari.jobs.update(quota, { state: 'failed' });
    const failure = await failureOf(run.result());
    expect(failure.type).toBe('ExportFailed');
    expect(failure.message).toContain(`Of the type quota, exported by itself: Clari's job ${quota} ended as FAILED.`);
    expect(atWork([forecast ?? '', updated ?? ''])).toEqual([]);
  });
});

test('a split export that finds staging full gives back what it has: two that kept it would wait for each other', async () => {
  const small = await startWorld({
    ...fast,
    forecasts: [smallForecast('large')],
    environment: { CLARI_STAGING_LIMIT_MB: '64' },
  });
  try {
    const others = path.join(small.folder, 'staging', 'runs', 'another-run');
    await mkdir(others, { recursive: true });
    // Room for some of the parts.
    await writeFile(path.join(others, '.reserved-raw'), String(64 * 1024 * 1024 - 350_000));
    small.clari.faults.add(truncating('large'));
    const run = await start(small, splitting('large'));
    await pendingAfter(run, 'StagingFull');
    expect(fetchesOf(small, jobsOf(small, 'large')[1] ?? '')).toHaveLength(1);
    const own = (await small.stagedFiles()).filter((name) => !name.startsWith('another-run'));
    const [folder = ''] = own;
    expect(own).toEqual([folder, `${folder}/.key`, `${folder}/.owner`]);
    await rm(others, { recursive: true });
    await hurry(small, run, 'downloadParts');
    expect((await run.result()).parts).toHaveLength(6);
  } finally {
    await small.close();
  }
});

test('a split export whose types are not finished in time says which limit it was', async () => {
  const late = await startWorld({
    forecasts: [smallForecast('late')],
    pollsUntilDone: 1_000_000,
    settings: { limits: { exportParts: { scheduleToClose: 30 } } },
  });
  try {
    late.clari.faults.add(truncating('late'));
    const run = await start(late, splitting('late'));
    late.clari.jobs.update(await jobOf(run), { state: 'done' });
    const failure = await failureOf(run.result());
    expect(failure.message).toMatch(/within the time that exportParts has: Of the type/);
    expect(late.clari.jobs.unfinished()).toEqual([]);
  } finally {
    await late.close();
  }
});
