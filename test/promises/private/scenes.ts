import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  forEveryActivity,
  type ActivityLimitOverrides,
  type ActivityLimits,
} from '../../../src/model/activity-limits.js';
import type { FakeForecast } from '../../../src/testing/fake-clari/index.js';
import { startWorkerProcess } from '../../support/child-worker.js';
import type { Child, ChildResult } from '../../support/child.js';
import { ClariProxy } from '../../support/clari-proxy.js';
import { serve } from '../../support/http-server.js';
import { openWorld, type Ground, type World } from '../../support/open-world.js';
import { stage, type ExportHandle } from '../../support/runs.js';
import { stagedAs } from '../../support/staged-files.js';

/** As little as an operator may give. */
const STAGING_MIB = 64;
/** How often a folder is looked at for what must go from it. */
const LOOK_MS = 20;
/** All attempts within so many seconds: what fails is tried once more, since the wait after that would go beyond. */
const twiceWithin = (scheduleToClose: number): Partial<ActivityLimits> => ({
  heartbeat: 10,
  scheduleToClose,
  retryInitial: Math.floor(scheduleToClose / 3) + 1,
  retryMaximum: 60,
});
const HURRIED: ActivityLimitOverrides = {
  ...forEveryActivity(twiceWithin(45)),
  verifyAuth: twiceWithin(18),
  awaitExport: twiceWithin(18),
  downloadExport: { ...twiceWithin(30), startToClose: 10 },
};

/** `results`: the published dialect, patient. `links`: the brief one, where nothing is tried again for long. */
export type SceneName = 'results' | 'links';

/** Where scripted runs take place: a fake Clari behind a proxy, and a worker in a process of its own. */
export interface Scene {
  readonly world: World;
  readonly proxy: ClariProxy;
  /** `host:port` of a link host that answers every link with a page that repeats it. */
  readonly echoHost: string;
  /** The worker's temporary folder. */
  readonly temporary: string;
  readonly secrets: readonly string[];
  /** Gives what the worker wrote. */
  endWorker(signal: NodeJS.Signals): Promise<ChildResult>;
  /** After the one before has ended. */
  startWorker(environment: Readonly<Record<string, string>>): Promise<void>;
  start(name: string, request?: Readonly<Record<string, unknown>>): Promise<ExportHandle>;
  /** Both of these give what puts the scene right again. */
  replaceSecret(which: 'token' | 'key', by: (value: string) => string): Promise<() => Promise<void>>;
  /** By a file with this content; by a folder. */
  replaceDestination(content: string | undefined): Promise<() => Promise<void>>;
  /** Holds the destination once the run waits for its job, and so cannot be making it any more. */
  holdDestinationOf(run: ExportHandle): Promise<void>;
  releaseDestination(): Promise<void>;
  /** Removes a staged file whenever it is there, to the end of the run. */
  keepLosing(run: ExportHandle, file: string): Promise<void>;
  /** As another run would that has reserved all of it; gives what ends that. */
  fillStaging(): Promise<() => Promise<void>>;
  /** Puts a file where the run's staging folder belongs. */
  blockStaging(run: ExportHandle, content: string): Promise<void>;
  close(): Promise<void>;
}

/** Too short for a redaction key. */
export const shortened = (key: string): string => key.slice(0, 12);

export interface SceneOptions {
  readonly name: SceneName;
  /** The forecasts, and those that differ from a small one of its dialect. */
  readonly forecasts: readonly (Partial<FakeForecast> & { readonly forecastId: string })[];
  /** A folder for secrets and temporary files. */
  readonly folder: string;
}

export async function openScene(ground: Ground, { name, forecasts, folder }: SceneOptions): Promise<Scene> {
  const published = name === 'results';
  const values = { token: `canary-token-of-${name}`, key: `canary key of ${name}, long enough to be one` };
  const files = { token: path.join(folder, `${name}.token`), key: path.join(folder, `${name}.key`) };
  const temporary = path.join(folder, `${name}-tmp`);
  await mkdir(temporary);
  await Promise.all([writeFile(files.token, values.token), writeFile(files.key, values.key)]);
  const echo = await serve((request, response) => {
    response.writeHead(503, { 'content-type': 'text/html' });
    response.end(`<html>${request.headers.host ?? ''}${request.url ?? ''} is not available</html>`);
  });
  let proxy!: ClariProxy;
  const environment = {
    CLARI_API_KEY: '',
    CLARI_API_KEY_FILE: files.token,
    CLARI_REDACTION_KEY: '',
    CLARI_REDACTION_KEY_FILE: files.key,
    CLARI_ORG_ID: '733',
    CLARI_LOG_LEVEL: 'trace',
    CLARI_STAGING_LIMIT_MB: String(STAGING_MIB),
    CLARI_ENVIRONMENT: published ? 'staging' : 'production',
    TMPDIR: temporary,
  };
  const world = await openWorld(ground, {
    dialect: published ? 'published' : 'brief',
    tokens: [{ token: values.token, userId: 7 }],
    seed: 4711,
    forecasts: forecasts.map((forecast) => ({
      forecastName: forecast.forecastId,
      entries: 120,
      shape: published ? 'five-lists' : 'flat',
      ...forecast,
    })),
    pollsUntilDone: 0,
    concurrentLimit: 1_000,
    withoutWorker: true,
    apiUrl: async (clari) => {
      proxy = await ClariProxy.start(clari.apiUrl);
      return proxy.apiUrl;
    },
    environment,
  });
  const limits = published ? {} : HURRIED;
  const startChild = (more: Readonly<Record<string, string>> = {}): Promise<Child> =>
    startWorkerProcess(world, undefined, {
      limits,
      environment: { CLARI_ALLOWED_LINK_HOSTS: `${new URL(world.clari.linkUrl).host},${echo.host}`, ...more },
    });
  let worker = await startChild();
  let held: DuckDBInstance | undefined;
  const warehouse = path.join(world.folder, 'warehouse.duckdb');
  const stagedBy = ({ firstExecutionRunId }: ExportHandle): string =>
    path.join(world.folder, 'staging', 'runs', firstExecutionRunId);

  return {
    world,
    proxy,
    echoHost: echo.host,
    temporary,
    secrets: [values.key, shortened(values.key)],
    endWorker(signal) {
      worker.signal(signal);
      return worker.ended;
    },
    async startWorker(more) {
      worker = await startChild(more);
    },
    start: (forecastId, request = {}) =>
      world.client.workflow.start('exportForecast', {
        taskQueue: world.taskQueue,
        workflowId: world.id(forecastId),
        args: [{ forecastId, timePeriod: '2027_Q2', ...request }],
      }),
    async replaceSecret(which, by) {
      await writeFile(files[which], by(values[which]));
      return () => writeFile(files[which], values[which]);
    },
    async holdDestinationOf(run) {
      await stage(run, 'exporting');
      held = await DuckDBInstance.create(warehouse);
    },
    releaseDestination() {
      held?.closeSync();
      held = undefined;
      return Promise.resolve();
    },
    async replaceDestination(content) {
      await rename(warehouse, `${warehouse}.aside`);
      await (content === undefined ? mkdir(warehouse) : writeFile(warehouse, content));
      return async () => {
        await rm(warehouse, { recursive: true });
        await rename(`${warehouse}.aside`, warehouse);
      };
    },
    async keepLosing(run, file) {
      const over = run.result().then(
        () => true,
        () => true,
      );
      const look = (): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), LOOK_MS));
      while (!(await Promise.race([over, look()])))
        for (const staged of await stagedAs(file, stagedBy(run))) await rm(staged, { force: true });
    },
    async fillStaging() {
      const hog = path.join(world.folder, 'staging', 'runs', 'hog');
      await mkdir(hog);
      await writeFile(path.join(hog, '.reserved'), String(STAGING_MIB * 1024 * 1024));
      return () => rm(hog, { recursive: true });
    },
    blockStaging: (run, content) => writeFile(stagedBy(run), content),
    async close() {
      worker.signal('SIGKILL');
      await world.close();
      await Promise.all([proxy.close(), echo.close()]);
    },
  };
}
