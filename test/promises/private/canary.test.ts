import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { failures, type FailureType } from '../../../src/model/failures.js';
import { startTemporalDevServer, type DevServer } from '../../../src/testing/temporal/dev-server.js';
import { amountsIn, canariesOf, Search } from '../../support/canaries.js';
import type { ChildResult } from '../../support/child.js';
import { textsOf } from '../../support/histories.js';
import { pendingAfter } from '../../support/pending.js';
import { ending, failureOf, stage, until, type ExportHandle } from '../../support/runs.js';
import { failingRuns } from './failing-runs.js';
import { landingRuns } from './landing-runs.js';
import { openScene, type Scene, type SceneName } from './scenes.js';
import {
  begin,
  peopleOf,
  rulesFor,
  STRANGER,
  type FailingRun,
  type People,
  type ScriptedRun,
} from './scripted-runs.js';

/** In ids alone, where anybody may read it: to be found in each place, which proves that the search finds. */
const PLANTED = 'Planted_Wilhelmina';
/** Runs of a scene under way together: more would wait for the one lease of their account. */
const AT_ONCE = 4;
const large = { entries: 3_000, shape: 'five-lists' } as const;
const others = {
  results: [
    { forecastId: 'lease-holder' },
    { forecastId: 'cancelled-downloading', ...large },
    { forecastId: 'cancelled-redacting', entries: 30_000, users: 60, shape: 'flat' },
    { forecastId: 'terminated', ...large },
    { forecastId: 'killed', ...large },
  ],
  links: [],
} as const;
const special: Readonly<Record<string, object>> = {
  flat: { shape: 'flat' },
  pretty: { pretty: true },
  'lists-by-link': { shape: 'five-lists' },
};

const failing = Object.entries(failingRuns).flatMap(([type, runs]) =>
  typeof runs === 'string' ? [] : runs.map((run): FailingRun & { type: string } => ({ type, ...run })),
);
const scripted: readonly ScriptedRun[] = [...landingRuns, ...failing];

let folder: string;
let server: DevServer;
let scenes: Readonly<Record<SceneName, Scene>>;
let people: People;
/** What each worker wrote. */
const outputs: ChildResult[] = [];
/** What Temporal told of runs under way: failures of attempts, heartbeats. */
const passed: string[] = [];
/** Runs that end without a clean-up: their bytes stay in staging. */
const left: string[] = [];

const databaseFile = (): string => path.join(folder, 'temporal.db');
const logFile = (): string => path.join(folder, 'server.log');

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'canary-'));
  server = await startTemporalDevServer({
    executable: inject('temporalCliPath'),
    dbFile: databaseFile(),
    logFile: logFile(),
  });
  const ground = { address: server.address, codePath: inject('workflowBundlePath') };
  const open = (name: SceneName): Promise<Scene> => {
    const own = scripted.filter(({ scene }) => scene === name);
    const forecasts = [...own.map((run) => ({ forecastId: run.name, ...special[run.name] })), ...others[name]];
    return openScene(ground, { name, forecasts, folder });
  };
  const [results, links] = await Promise.all([open('results'), open('links')]);
  scenes = { results, links };
  people = peopleOf(results, 'lists');
  for (const [name, scene] of Object.entries(scenes)) {
    const own = scripted.filter((run) => run.scene === name);
    scene.world.clari.faults.set(rulesFor(own, people));
  }
  scenes.results.world.clari.faults.add({
    match: { endpoint: 'createForecastExport', forecastId: 'lease-holder' },
    fault: { kind: 'delay', ms: 3_000 },
  });
});
let ended: Promise<void> | undefined;
/** The scenes take leave of the server before it stops. */
function end(): Promise<void> {
  return (ended ??= Promise.all(Object.values(scenes).map((scene) => scene.close())).then(() => server.stop()));
}
afterAll(async () => {
  await end();
  await rm(folder, { recursive: true, force: true });
});

/** Resolves when an attempt of the run has failed so; keeps what Temporal then tells of the run. */
async function seen(handle: ExportHandle, type: string): Promise<void> {
  await pendingAfter(handle, type);
  passed.push(textsOf((await handle.describe()).raw));
}

/** Runs a script to its end; what it ended with, or passed through before it was cancelled. */
async function outcome(run: FailingRun & { type?: string }): Promise<string> {
  const scene = scenes[run.scene];
  const restore = await run.alone?.(scene, people);
  const handle = await begin(scene, run, people);
  try {
    const beside = run.meanwhile?.(scene, handle, people);
    if (run.passing && run.type !== undefined) {
      await Promise.all([beside, seen(handle, run.type)]);
      await handle.cancel();
      expect(await ending(scene.world.client, handle)).toBe('CANCELLED');
      return run.type;
    }
    const ended = handle.result().then(
      () => 'landed',
      async (error: unknown) => (await failureOf(Promise.reject(error as Error))).type,
    );
    await beside;
    return await ended;
  } finally {
    await restore?.();
  }
}

/** A few at once; then, one after the other, those that change their scene. */
async function outcomes(runs: readonly FailingRun[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const note = async (run: FailingRun): Promise<void> => {
    found[run.name] = await outcome(run);
  };
  await Promise.all(
    Object.keys(scenes).map(async (name) => {
      const own = runs.filter(({ scene }) => scene === name);
      const queue = own.filter(({ alone }) => !alone);
      const inTurn = async (): Promise<void> => {
        for (let run = queue.shift(); run; run = queue.shift()) await note(run);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
      for (const run of own.filter(({ alone }) => alone)) await note(run);
    }),
  );
  return found;
}

describe('what happens', () => {
  test('each failure of the table has a way to bring it about, or a reason why there is none', () => {
    expect(Object.keys(failingRuns).sort()).toEqual(Object.keys(failures).sort());
    expect(new Set(scripted.map(({ name }) => name)).size).toBe(scripted.length);
  });

  test('exports land in both dialects', async () => {
    const expected = Object.fromEntries(landingRuns.map(({ name }) => [name, 'landed']));
    expect(await outcomes(landingRuns)).toEqual(expected);
    expect(scenes.links.world.clari.mintedLinks().length).toBeGreaterThan(0);
  });

  test('runs fail in each way', async () => {
    const now = failing.filter(({ untilReplaced }) => !untilReplaced);
    const expected = Object.fromEntries(now.map(({ name, type }) => [name, type]));
    expect(await outcomes(now)).toEqual(expected);
  }, 240_000);

  test('runs are cancelled, are terminated, lose their worker, and get one with another configuration', async () => {
    const scene = scenes.results;
    const { world, proxy } = scene;
    const downloading = async (name: string): Promise<ExportHandle> => {
      void proxy.spoilNext({ fits: (_method, asked) => asked.endsWith('/results'), does: 'hold' });
      const handle = await scene.start(name);
      const file = path.join(world.folder, 'staging', 'runs', handle.firstExecutionRunId, 'raw.part');
      await until(`bytes of ${name} in staging`, async () =>
        (await stat(file).catch(() => undefined))?.size ? true : undefined,
      );
      return handle;
    };
    const cancelled = await downloading('cancelled-downloading');
    await cancelled.cancel();
    const terminated = await downloading('terminated');
    await terminated.terminate('by the test');
    const redacting = await scene.start('cancelled-redacting');
    await stage(redacting, 'redacting');
    await redacting.cancel();
    for (const handle of [cancelled, redacting]) expect(await ending(world.client, handle)).toBe('CANCELLED');

    const unfinished = failing.filter(({ untilReplaced }) => untilReplaced);
    const waiting = await Promise.all(unfinished.map((run) => begin(scene, run, people)));
    for (const run of waiting) await seen(run, 'ExportNotReady');
    const killed = await downloading('killed');
    outputs.push(await scene.endWorker('SIGKILL'));
    await killed.terminate('its worker is gone');
    left.push(terminated.firstExecutionRunId, killed.firstExecutionRunId);
    await scene.startWorker({ CLARI_ENVIRONMENT: 'another' });
    const types = await Promise.all(waiting.map(async (run) => (await failureOf(run.result())).type));
    expect(types).toEqual(unfinished.map(({ type }) => type));
  });
});

describe('no name, e-mail, amount, token, key or link is found', () => {
  let search: Search;
  const histories: string[] = [];
  const visible: string[] = [];
  const folders: string[] = [];

  beforeAll(async () => {
    const values = new Set([PLANTED, STRANGER]);
    for (const scene of Object.values(scenes)) {
      // Clari does not know it, and the failure names it.
      expect((await failureOf((await scene.start(PLANTED)).result())).type).toBe(
        'UnknownForecast' satisfies FailureType,
      );
      for (const value of [...canariesOf(scene.world, scene.secrets), ...amountsIn(scene.world)]) values.add(value);
      folders.push(scene.world.folder, scene.temporary);
    }
    outputs.push(...(await Promise.all(Object.values(scenes).map((scene) => scene.endWorker('SIGTERM')))));
    expect(values.size).toBeGreaterThan(500);
    search = new Search([...values]);
    const { client } = scenes.results.world;
    for await (const { workflowId, runId, raw } of client.workflow.list()) {
      const handle = client.workflow.getHandle(workflowId, runId);
      histories.push(textsOf(await handle.fetchHistory()), textsOf((await handle.describe()).raw));
      visible.push(textsOf(raw));
    }
    expect(visible.length).toBeGreaterThan(scripted.length);
  });

  test('in any history, or what is pending', () => {
    expect(search.in([...histories, ...passed].join('\n'))).toEqual([PLANTED]);
  });

  test('in the list of runs', () => {
    expect(search.in(visible.join('\n'))).toEqual([PLANTED]);
  });

  test('in what workers and server wrote', async () => {
    for (const { stdout, stderr } of outputs)
      expect(search.in(`${stdout}\n${stderr}`)).toEqual(stdout.includes(PLANTED) ? [PLANTED] : []);
    expect(outputs.filter(({ stdout }) => stdout.includes(PLANTED))).toHaveLength(2);
    expect(search.in(await readFile(logFile()))).toEqual([]);
  });

  // A run that is terminated, or killed with its worker and then terminated, leaves its bytes in staging, as the README says.
  test('in the folder that a worker works in, its staging folder, and its temporary one', async () => {
    for (const place of folders) {
      const files = await filesBelow(place);
      expect(search.in(Buffer.concat(files))).toEqual([]);
      const planted = path.join(place, 'staging', 'runs', 'planted');
      await mkdir(planted, { recursive: true });
      await writeFile(path.join(planted, 'raw'), `{"name":"${PLANTED}"}`);
      expect(search.in(Buffer.concat(await filesBelow(place)))).toEqual([PLANTED]);
    }
  });

  // Last, since the server has to be gone: only then is all that it wrote in its files. What the end of a page cuts in two, or was
  // written over since, is not found here: histories and logs have it.
  test('in the database of the server', async () => {
    await end();
    const names = (await readdir(folder)).filter((name) => name.startsWith(path.basename(databaseFile())));
    expect(names).toContain(path.basename(databaseFile()));
    const files = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
    expect(search.in(Buffer.concat(files))).toEqual([PLANTED]);
  });
});

/** Names and contents of all files but the destination's, and but what stays in staging of runs that nobody cleaned up after. */
async function filesBelow(place: string): Promise<Buffer[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const meant = files.filter(
    (file) => !path.basename(file).startsWith('warehouse.duckdb') && !left.some((run) => file.includes(run)),
  );
  return [Buffer.from(meant.join('\n')), ...(await Promise.all(meant.map((file) => readFile(file))))];
}
