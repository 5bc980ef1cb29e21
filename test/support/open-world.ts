import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DuckDBInstance } from '@duckdb/node-api';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import type { Settings } from '../../src/config/settings.js';
import { findFiles } from '../../src/destinations/duckdb/files.js';
import { holdDatabase } from '../../src/destinations/duckdb/hold.js';
import { temporalSettings } from '../../src/config/temporal.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import type { Receipt } from '../../src/model/receipt.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { SecretMask } from '../../src/telemetry/secret-mask.js';
import { startFakeClari, type FakeClari, type FakeClariOptions } from '../../src/testing/fake-clari/index.js';
import { startWorker, type RunningWorker, type WorkerParts } from '../../src/worker.js';

export const TOKEN = 'fake-token';

/** A fake Clari, a worker in this process on the suite's Temporal server, and a destination, all of one test's own. */
export interface World {
  readonly folder: string;
  readonly taskQueue: string;
  /** The workflows, bundled. */
  readonly codePath: string;
  readonly clari: FakeClari;
  readonly client: Client;
  readonly worker: RunningWorker;
  /** Another worker of the same deployment: same queues, staging folder and destination. Stopped by `close` at the latest. */
  anotherWorker(): Promise<RunningWorker>;
  /** What the worker logged, as JSON lines. */
  readonly logs: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A workflow id that no other test uses. */
  id(name?: string): string;
  /** Runs an export to its end. */
  export(request: Partial<ExportForecastRequest>, workflowId?: string): Promise<Receipt>;
  /** Rows of a query on the destination, or on another DuckDB file of the world's folder, as JSON values. */
  rows(query: string, database?: string): Promise<unknown[][]>;
  /** Files below the staging folder's runs. */
  stagedFiles(): Promise<string[]>;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<FakeClariOptions> {
  /** Variables of the worker, on top of those that every test needs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the worker finds Clari's API, when not at the fake's own address: a proxy of the test, say. */
  readonly apiUrl?: (clari: FakeClari) => string | Promise<string>;
  readonly reconciling?: WorkerParts['reconciling'];
  /** Without a worker in this process: the test starts its own. */
  readonly withoutWorker?: boolean;
  /** In place of what the environment says: also what an operator may not set. */
  readonly settings?: Partial<Settings> | ((fromEnvironment: Settings) => Partial<Settings>);
  readonly adapt?: WorkerParts['adapt'];
  readonly sweepEveryMs?: number;
}

/** Where the world’s Temporal server is, and the workflows bundled for it. */
export interface Ground {
  readonly address: string;
  readonly codePath: string;
}

export async function openWorld(
  { address, codePath }: Ground,
  {
    environment: extra = {},
    apiUrl = ({ apiUrl: own }) => own,
    reconciling,
    withoutWorker = false,
    settings = {},
    adapt,
    sweepEveryMs,
    ...options
  }: WorldOptions = {},
): Promise<World> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'clari-world-'));
  const suffix = randomBytes(4).toString('hex');
  const taskQueue = `test-${suffix}`;
  const clari = await startFakeClari({
    dialect: 'published',
    tokens: [{ token: TOKEN, userId: 40_112 }],
    // One "not yet", which costs each export of the tests a second.
    pollsUntilDone: 1,
    ...options,
  });
  const environment: Record<string, string> = {
    TEMPORAL_ADDRESS: address,
    CLARI_API_KEY: TOKEN,
    CLARI_BASE_URL: await apiUrl(clari),
    CLARI_ALLOWED_LINK_HOSTS: new URL(clari.linkUrl).host,
    CLARI_DESTINATION: `duckdb:${path.join(folder, 'warehouse.duckdb')}`,
    CLARI_STAGING_DIR: path.join(folder, 'staging'),
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
    CLARI_TASK_QUEUE: taskQueue,
    ...extra,
  };
  const logs: string[] = [];
  const workers: RunningWorker[] = [];
  const anotherWorker = async (): Promise<RunningWorker> => {
    const mask = new SecretMask();
    const read = settingsFromEnvironment(environment);
    const started = await startWorker(
      { ...read, ...(typeof settings === 'function' ? settings(read) : settings) },
      temporalSettings(environment),
      {
        logger: createLogger('debug', mask, { write: (line) => void logs.push(line) }),
        mask,
        workflowBundle: { codePath },
        ...(reconciling ? { reconciling } : {}),
        ...(adapt ? { adapt } : {}),
        ...(sweepEveryMs === undefined ? {} : { sweepEveryMs }),
      },
    );
    workers.push(started);
    return started;
  };
  const worker = withoutWorker ? noWorker : await anotherWorker();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  let runs = 0;
  const id = (name = 'run'): string => `${name}-${suffix}-${(runs += 1)}`;
  return {
    folder,
    taskQueue,
    codePath,
    clari,
    client,
    worker,
    anotherWorker,
    logs,
    environment,
    id,
    export: (request, workflowId = id('export')) =>
      client.workflow.execute<(input: unknown) => Promise<Receipt>>('exportForecast', {
        taskQueue,
        workflowId,
        args: [request],
      }),
    async rows(query, database = 'warehouse.duckdb') {
      const file = path.join(folder, database);
      // Two instances of one file in one process would read what the other has half written.
      const files = await findFiles(file);
      const release = files && (await holdDatabase(files, { waitMs: 30_000 }));
      try {
        return await rowsOf(file, query);
      } finally {
        release?.();
      }
    },
    async stagedFiles() {
      const found = await readdir(path.join(folder, 'staging', 'runs'), { recursive: true });
      return found.sort();
    },
    async close() {
      await client.workflow
        .getHandle(`${taskQueue}-account-default`)
        .terminate('the test is over')
        .catch(() => undefined);
      await Promise.all(workers.map((one) => one.stop()));
      await connection.close();
      await clari.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const noWorker: RunningWorker = { done: Promise.resolve(), stop: () => Promise.resolve() };

export async function rowsOf(file: string, query: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(query)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
