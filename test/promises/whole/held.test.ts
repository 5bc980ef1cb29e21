import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { failures } from '../../../src/model/failures.js';
import { holdMessages } from '../../../src/model/hold.js';
import { changeNext, entriesTimes, forecastsTimes } from '../../support/changed-files.js';
import { checkout } from '../../support/child.js';
import { quick, startWorkerProcess } from '../../support/child-worker.js';
import { ClariProxy } from '../../support/clari-proxy.js';
import { unfinished } from '../../support/faulty-runs.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { failureOf, stage, start, type ExportHandle } from '../../support/runs.js';
import { typed } from '../../support/typed-runs.js';
import { startWorld, type World, type WorldOptions } from '../../support/world.js';

const names = [
  'updated',
  'signalled',
  'rejected',
  'lost',
  'early',
  'within',
  'emptied',
  'empty',
  'amounts',
  'late',
  'killed',
  'shared',
];
const timePeriod = '2027_Q2';
const ENTRIES = 400;

let proxy: ClariProxy;
const options: WorldOptions = {
  forecasts: names.map((forecastId) => ({
    forecastId,
    forecastName: forecastId,
    entries: ENTRIES,
    shape: 'five-lists',
  })),
  pollsUntilDone: 0,
  apiUrl: async (clari) => {
    proxy = await ClariProxy.start(clari.apiUrl);
    return proxy.apiUrl;
  },
};

/** A run whose file has half of the entries that the last snapshot has, once it is held. */
async function held(world: World, forecastId: string): Promise<ExportHandle> {
  await world.export({ forecastId, timePeriod });
  changeNext(proxy, entriesTimes(0.25));
  const run = await start(world, { forecastId, timePeriod }, forecastId);
  await stage(run, 'held');
  return run;
}

const snapshots = (world: World, forecastId: string): Promise<unknown[][]> =>
  world.rows(
    `SELECT x.job_id, (SELECT count(*)::INT FROM forecast_entries e WHERE e.export_id = x.export_id)
     FROM exports x WHERE forecast_id = '${forecastId}' ORDER BY captured_at`,
  );
const latest = async (world: World, forecastId: string): Promise<unknown> => {
  const rows = await world.rows(`SELECT job_id FROM latest_exports WHERE forecast_id = '${forecastId}'`);
  return rows[0]?.[0];
};
const fallen = { of: 'forecast_entries', before: ENTRIES, now: ENTRIES / 4, changePercent: -75 };

describe('an export that differs much from the last snapshot', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(options);
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
  });

  test('is held and shown, and lands when somebody accepts it by the line of the README', async () => {
    const run = await held(world, 'updated');
    const { facts } = await stage(run, 'held');
    expect(facts).toMatchObject({ forecast_entries: `${ENTRIES} rows before, ${ENTRIES / 4} now (-75 %)` });
    expect(facts['to land it']).toBe(
      `temporal workflow update execute --namespace default --workflow-id ${run.workflowId} --name acceptExport`,
    );
    expect(await snapshots(world, 'updated')).toHaveLength(1);

    const readme = await readFile(`${checkout}README.md`, 'utf8');
    const line = /^ *(temporal workflow update .*)$/m.exec(readme)?.[1] ?? '';
    const { exitCode, screen } = await typed('sh', [
      '-c',
      `${line} --address ${inject('temporalAddress')}`
        .replace('temporal ', `${inject('temporalCliPath')} `)
        .replace('--workflow-id export-net_arr', `--workflow-id ${run.workflowId}`),
    ]);
    expect([exitCode, screen]).toEqual([0, expect.stringContaining('accepted')]);

    const receipt = await run.result();
    const [first] = await snapshots(world, 'updated');
    expect(await snapshots(world, 'updated')).toEqual([first, [receipt.jobId, ENTRIES / 4]]);
    expect(await latest(world, 'updated')).toBe(receipt.jobId);
    expect(receipt.accepted).toMatchObject({ by: 'jane', findings: expect.arrayContaining([fallen]) as unknown });
    expect(receipt.warnings.join('\n')).toContain('It was accepted by jane.');
    expect((await stage(run, 'done')).facts).not.toHaveProperty('to land it');
  });

  test('lands when somebody accepts it by a signal', async () => {
    const run = await held(world, 'signalled');
    await run.signal(holdMessages.accept);
    expect((await run.result()).accepted).toMatchObject({ by: null });
    expect(await snapshots(world, 'signalled')).toHaveLength(2);
  });

  test('ends the run when somebody rejects it; its job can be landed all the same, without another one', async () => {
    const run = await held(world, 'rejected');
    await run.executeUpdate(holdMessages.reject, { args: [{ by: 'QA-17' }] });
    const { type, message } = await failureOf(run.result());
    expect(type).toBe('ExportHeld');
    expect(message).toContain(`forecast_entries ${ENTRIES} rows before, ${ENTRIES / 4} now (-75 %)`);
    expect(message).toContain('It was rejected by QA-17.');
    expect(message.endsWith(failures.ExportHeld.remedy)).toBe(true);
    expect(await snapshots(world, 'rejected')).toHaveLength(1);
    expect(await world.stagedFiles()).toEqual([]);

    const jobId = /"jobId":"(\w+)"/.exec(message)?.[1] ?? '';
    const jobs = world.clari.jobs.all().length;
    changeNext(proxy, entriesTimes(0.25));
    const receipt = await world.export({ forecastId: 'rejected', timePeriod, jobId, acceptChange: true });
    expect(receipt).toMatchObject({ jobId, accepted: { by: null } });
    expect(world.clari.jobs.all()).toHaveLength(jobs);
    expect(await latest(world, 'rejected')).toBe(jobId);
  });

  test('ends no run in vain that shares it with one in which somebody has accepted it', async () => {
    await world.export({ forecastId: 'shared', timePeriod });
    changeNext(proxy, entriesTimes(0.25));
    const first = await start(world, { forecastId: 'shared', timePeriod }, 'shared');
    await stage(first, 'held');
    changeNext(proxy, entriesTimes(0.25));
    const second = await start(world, { forecastId: 'shared', timePeriod }, 'shared');
    await stage(second, 'held');
    await first.executeUpdate(holdMessages.accept, { args: [{ by: 'jane' }] });
    const receipt = await first.result();
    await second.executeUpdate(holdMessages.reject, { args: [{ by: 'joe' }] });
    expect(await second.result()).toEqual(receipt);
    expect(receipt.accepted).toMatchObject({ by: 'jane' });
    expect(await snapshots(world, 'shared')).toHaveLength(2);
  });

  test('is downloaded and staged anew where its bytes are gone when somebody accepts it, and needs no second answer', async () => {
    const run = await held(world, 'lost');
    const jobs = world.clari.jobs.all().length;
    await rm(path.join(world.folder, 'staging', 'runs', run.firstExecutionRunId), { recursive: true });
    changeNext(proxy, entriesTimes(0.25));
    await run.executeUpdate(holdMessages.accept);
    const receipt = await run.result();
    expect(await snapshots(world, 'lost')).toEqual([
      [expect.anything(), ENTRIES],
      [receipt.jobId, ENTRIES / 4],
    ]);
    expect(world.clari.jobs.all()).toHaveLength(jobs);
  });

  test('takes no answer before it is held, nor one that is not good', async () => {
    await world.export({ forecastId: 'early', timePeriod });
    world.clari.faults.add(unfinished);
    changeNext(proxy, entriesTimes(0.25));
    const run = await start(world, { forecastId: 'early', timePeriod }, 'early');
    await stage(run, 'exporting');
    const refusal = (name: string, answer: unknown = null): Promise<string> =>
      run.executeUpdate(name, { args: [answer] }).then(
        () => 'taken',
        (error: unknown) => (error instanceof WorkflowUpdateFailedError ? String(error.cause?.message) : String(error)),
      );
    expect(await refusal(holdMessages.accept)).toContain('The export is not held');
    await run.signal(holdMessages.accept);
    world.clari.faults.clear();
    await stage(run, 'held');
    expect(await refusal(holdMessages.accept, 'jane')).toContain('input: nothing, or one JSON object');
    expect(await refusal(holdMessages.accept, { by: 'j'.repeat(101) })).toContain('by: must be text of at most 100');
    expect(await refusal(holdMessages.reject, { password: 'correct horse' })).toContain('looks like a secret');
    await run.signal(holdMessages.reject, ['a list']);
    expect(await refusal(holdMessages.accept, { by: 'jane' })).toBe('taken');
    expect((await run.result()).accepted).toMatchObject({ by: 'jane' });
    // Of what was refused nothing stands in the history.
    expect(textsOf(await run.fetchHistory())).not.toContain('correct horse');
  });

  test('is not held where it differs less', async () => {
    await world.export({ forecastId: 'within', timePeriod });
    changeNext(proxy, entriesTimes(1.4));
    const receipt = await world.export({ forecastId: 'within', timePeriod });
    expect(receipt.accepted).toBeNull();
    expect(await snapshots(world, 'within')).toEqual([
      [expect.anything(), ENTRIES],
      [receipt.jobId, ENTRIES * 1.4],
    ]);
  });

  test('is held where nothing came after something', async () => {
    await world.export({ forecastId: 'emptied', timePeriod });
    changeNext(proxy, entriesTimes(0));
    const run = await start(world, { forecastId: 'emptied', timePeriod }, 'emptied');
    expect((await stage(run, 'held')).facts).toMatchObject({
      forecast_entries: `${ENTRIES} rows before, 0 now (-100 %)`,
    });
    await run.cancel();
    await expect(run.result()).rejects.toThrow();
    expect((await run.describe()).status.name).toBe('CANCELLED');
    expect(await snapshots(world, 'emptied')).toHaveLength(1);
  });

  test('lands with a warning where it is the first one and has no entries, and whatever comes after that lands', async () => {
    changeNext(proxy, entriesTimes(0));
    const first = await world.export({ forecastId: 'empty', timePeriod });
    expect(first.warnings).toEqual([expect.stringContaining('The export has no entries')]);
    const second = await world.export({ forecastId: 'empty', timePeriod });
    expect([first.accepted, second.accepted]).toEqual([null, null]);
  });

  test('is held where the amounts have jumped, which are told by percents alone', async () => {
    await world.export({ forecastId: 'amounts', timePeriod });
    const [sum] = await world.rows(
      `SELECT split_part(json_extract_string(measures, '$.forecast_value.total'), '.', 1)
       FROM exports WHERE forecast_id = 'amounts'`,
    );
    changeNext(proxy, forecastsTimes(3));
    const run = await start(world, { forecastId: 'amounts', timePeriod }, 'amounts');
    expect((await stage(run, 'held')).facts).toMatchObject({ forecast_value: 'amounts +200 %' });
    await run.signal(holdMessages.accept);
    const { accepted } = await run.result();
    expect(accepted?.findings).toEqual([{ of: 'forecast_value', before: null, now: null, changePercent: 200 }]);
    expect(sum?.[0]).toMatch(/^\d{6,}$/);
    expect(textsOf(await run.fetchHistory())).not.toContain(String(sum?.[0]));
  });
});

test('a held export that nobody accepts in time ends the run', async () => {
  const world = await startWorld({
    ...options,
    settings: ({ connections }) => ({
      connections: connections.map((one) => ({ ...one, hold: { ...one.hold, seconds: 1 } })),
    }),
  });
  try {
    await world.export({ forecastId: 'late', timePeriod });
    changeNext(proxy, entriesTimes(0.25));
    const { type, message } = await failureOf(world.export({ forecastId: 'late', timePeriod }));
    expect([type, message]).toEqual(['ExportHeld', expect.stringMatching(/Nobody accepted it until \d{4}-/)]);
    expect(await snapshots(world, 'late')).toHaveLength(1);
  } finally {
    await world.close();
    await proxy.close();
  }
});

test('fault 1: a worker killed while an export is held leaves it to the next one, with what is staged', async () => {
  const world = await startWorld({ ...options, ...quick });
  try {
    const doomed = await startWorkerProcess(world);
    const run = await held(world, 'killed');
    const downloads = proxy.asked.filter((line) => line.endsWith('/results')).length;
    doomed.signal('SIGKILL');
    await doomed.ended;
    await world.anotherWorker();
    await run.executeUpdate(holdMessages.accept);
    const receipt = await run.result();
    expect(await snapshots(world, 'killed')).toEqual([
      [expect.anything(), ENTRIES],
      [receipt.jobId, ENTRIES / 4],
    ]);
    expect(proxy.asked.filter((line) => line.endsWith('/results'))).toHaveLength(downloads);
  } finally {
    await world.close();
    await proxy.close();
  }
});
