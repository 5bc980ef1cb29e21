import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { FailureType } from '../../../src/model/failures.js';
import { startTemporalDevServer, type DevServer } from '../../../src/testing/temporal/dev-server.js';
import { lookAtFiles } from '../../../src/leak-scan/files.js';
import type { Looked } from '../../../src/leak-scan/looked.js';
import { IN_THE_LIST, lookAtRuns } from '../../../src/leak-scan/runs.js';
import { LEAST_BYTES, Search } from '../../../src/leak-scan/search.js';
import { amountsIn, canariesOf } from '../../support/canaries.js';
import { runHere } from '../../cli/run-here.js';
import type { ChildResult } from '../../support/child.js';
import { expectRow } from '../../support/failure-rows.js';
import { ending, failureOf, stage, until, type ExportHandle } from '../../support/runs.js';
import { failureScripts } from './failing-runs.js';
import { landingRuns } from './landing-runs.js';
import { Playing } from './playing.js';
import { openScene, type Scene, type SceneName } from './scenes.js';
import { peopleOf, rulesFor, STRANGER, type ScriptedRun } from './scripted-runs.js';
import { hasBytes } from '../../support/staged-files.js';

/** In ids alone, where anybody may read it: to be found in each place, which proves that the search finds. */
const PLANTED = 'Planted_Wilhelmina';
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

const scripted: readonly ScriptedRun[] = [...landingRuns, ...failureScripts];

let folder: string;
let server: DevServer;
let scenes: Readonly<Record<SceneName, Scene>>;
let playing: Playing;
/** What each worker wrote. */
const outputs: ChildResult[] = [];

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
  const people = peopleOf(results, 'lease-holder');
  playing = new Playing(scenes, people);
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

describe('what happens', () => {
  test('each run has a forecast of its own', () => {
    expect(new Set(scripted.map(({ name }) => name)).size).toBe(scripted.length);
  });

  test('exports land in both dialects', async () => {
    await playing.land(landingRuns);
    expect(scenes.links.world.clari.mintedLinks().length).toBeGreaterThan(0);
  });

  test('runs fail in each way', async () => {
    await playing.fail(failureScripts.filter(({ untilReplaced }) => !untilReplaced));
  }, 300_000);

  test('runs are cancelled, are terminated, lose their worker, and get one with another configuration', async () => {
    const scene = scenes.results;
    const { world, proxy } = scene;
    const downloading = async (name: string): Promise<ExportHandle> => {
      void proxy.spoilNext({ fits: (_method, asked) => asked.endsWith('/results'), does: 'hold' });
      const handle = await scene.start(name);
      const folder = path.join(world.folder, 'staging', 'runs', handle.firstExecutionRunId);
      await until(`bytes of ${name} in staging`, () => hasBytes(folder));
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

    const unfinished = failureScripts.filter(({ untilReplaced }) => untilReplaced);
    const waiting = await Promise.all(
      unfinished.map(async (run) => {
        const handle = await playing.begin(run);
        await playing.keepAttempt(run, handle, 'ExportNotReady');
        return { run, handle };
      }),
    );
    const killed = await downloading('killed');
    outputs.push(await scene.endWorker('SIGKILL'));
    await killed.terminate('its worker is gone');
    await scene.startWorker({ CLARI_ENVIRONMENT: 'another' });
    await Promise.all(waiting.map(({ run, handle }) => playing.keepEnd(run, handle)));
  });
});

describe('each failure is what its row of the failure table says', () => {
  test.each(failureScripts)('$type, by $name', ({ name, type }) => {
    const witness = playing.witnesses.get(name);
    if (!witness) throw new Error(`${name} has not failed`);
    expectRow(type, witness);
  });
});

describe('no name, e-mail, amount, token, key or link is found', () => {
  let search: Search;
  const values = new Set([PLANTED, STRANGER]);
  const looked: Looked[] = [];
  const folders: string[] = [];

  beforeAll(async () => {
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
    for await (const place of lookAtRuns(scenes.results.world.client, search)) looked.push(place);
  });

  const isOfList = ({ place }: Looked): boolean => place.endsWith(IN_THE_LIST);

  test('in any history, or what is pending', () => {
    expect(foundIn(looked.filter((place) => !isOfList(place)))).toEqual([PLANTED]);
    expect(search.in(playing.passed.join('\n'))).toEqual([]);
  });

  test('in the list of runs', () => {
    const visible = looked.filter(isOfList);
    expect(visible.length).toBeGreaterThan(scripted.length);
    expect(foundIn(visible)).toEqual([PLANTED]);
  });

  test('by the command that operators have, which finds what was planted without saying what it is', async () => {
    const file = path.join(folder, 'values.txt');
    // Rows of fields are refused.
    const taken = (value: string): boolean =>
      Buffer.byteLength(value.trim()) >= LEAST_BYTES && !/[\t\n;|]|,\S/.test(value.trim());
    const some = [...values].filter(taken).slice(0, 2_000);
    await writeFile(file, some.join('\n'));
    vi.stubEnv('TEMPORAL_ADDRESS', server.address);
    vi.stubEnv('CLARI_STAGING_DIR', path.join(scenes.results.world.folder, 'staging'));
    const { exitCode, stdout } = await runHere('leak-scan', '--values', file, '--json', '--quiet');
    vi.unstubAllEnvs();
    expect(exitCode).toBe(1);
    const said = JSON.parse(stdout) as { findings: { place: string; lines: number[] }[]; searched: { name: string }[] };
    expect(said.searched.map(({ name }) => path.basename(name))).toEqual(['Temporal', 'staging']);
    expect(new Set(said.findings.flatMap(({ lines }) => lines))).toEqual(new Set([1]));
    expect(said.findings.map(({ place }) => place)).toContainEqual(
      expect.stringMatching(/event 1 \(workflowExecutionStarted\)$/),
    );
    expect(search.in(stdout)).toEqual([]);
  });

  test('in what workers and server wrote', async () => {
    for (const { stdout, stderr } of outputs)
      expect(search.in(`${stdout}\n${stderr}`)).toEqual(stdout.includes(PLANTED) ? [PLANTED] : []);
    expect(outputs.filter(({ stdout }) => stdout.includes(PLANTED))).toHaveLength(2);
    expect(search.in(await readFile(logFile()))).toEqual([]);
  });

  test('in the folder that a worker works in, its staging folder, and its temporary one', async () => {
    for (const place of folders) {
      expect(foundIn(await below(place))).toEqual([]);
      const planted = path.join(place, 'staging', 'runs', 'planted');
      await mkdir(planted, { recursive: true });
      await writeFile(path.join(planted, 'raw'), `{"name":"${PLANTED}"}`);
      expect(foundIn(await below(place))).toEqual([PLANTED]);
    }
  });

  // Last, since the server has to be gone: only then is all that it wrote in its files. What the end of a page cuts in two, or was
  // written over since, is not found here: histories and logs have it.
  test('in the database of the server', async () => {
    await end();
    const names = (await readdir(folder)).filter((name) => name.startsWith(path.basename(databaseFile())));
    expect(names).toContain(path.basename(databaseFile()));
    const files = await Promise.all(names.map((name) => below(path.join(folder, name))));
    expect(foundIn(files.flat())).toEqual([PLANTED]);
  });

  /** All files but the destination's. */
  async function below(place: string): Promise<Looked[]> {
    const places: Looked[] = [];
    const except = (file: string): boolean => path.basename(file).startsWith('warehouse.duckdb');
    for await (const one of lookAtFiles(search, place, { except })) places.push(one);
    expect(places.filter(({ fault }) => fault !== undefined)).toEqual([]);
    return places;
  }
});

const foundIn = (places: readonly Looked[]): string[] => [...new Set(places.flatMap(({ values }) => values))].sort();
