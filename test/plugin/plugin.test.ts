import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { startForecastExport } from '../../src/client/start-forecast-export.js';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import type { Destination } from '../../src/destinations/port.js';
import { ClariPlugin, type ClariPluginOptions } from '../../src/plugin.js';
import { startFakeClari, type FakeClari } from '../../src/testing/fake-clari/index.js';
import { sdkLogs } from '../support/sdk-logs.js';
import { TOKEN } from '../support/world.js';

let folder: string;
let clari: FakeClari;
let connection: NativeConnection;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'plugin-'));
  clari = await startFakeClari({ dialect: 'published', tokens: [{ token: TOKEN, userId: 40_112 }] });
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await connection.close();
  await clari.close();
  await rm(folder, { recursive: true, force: true });
});

function pluginFor(options: ClariPluginOptions = {}, environment: Record<string, string> = {}): ClariPlugin {
  const settings = settingsFromEnvironment({
    CLARI_API_KEY: TOKEN,
    CLARI_BASE_URL: clari.apiUrl,
    CLARI_ALLOWED_LINK_HOSTS: new URL(clari.linkUrl).host,
    CLARI_DESTINATION: `duckdb:${path.join(folder, 'warehouse.duckdb')}`,
    CLARI_STAGING_DIR: path.join(folder, 'staging'),
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
    CLARI_TASK_QUEUE: 'not-this-one',
    ...environment,
  });
  return new ClariPlugin({ settings, ...options });
}

/** A worker as somebody else makes one, running; its queue. */
async function startWorker(options: Partial<WorkerOptions>): Promise<string> {
  const taskQueue = `plugin-${randomBytes(4).toString('hex')}`;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: inject('workflowBundlePath') },
    ...options,
  });
  const done = worker.run();
  closing.push(async () => {
    worker.shutdown();
    await done;
  });
  return taskQueue;
}

async function clientOf(options: ConstructorParameters<typeof Client>[0] = {}): Promise<Client> {
  const own = await Connection.connect({ address: inject('temporalAddress') });
  closing.push(() => own.close());
  return new Client({ connection: own, ...options });
}

/** Swaps every byte, so that what was not encoded or decoded with it is no JSON. */
const flip: PayloadCodec = {
  encode: (payloads) => Promise.resolve(payloads.map(flipped)),
  decode: (payloads) => Promise.resolve(payloads.map(flipped)),
};
const flipped = (payload: Payload): Payload => ({
  ...payload,
  ...(payload.data ? { data: payload.data.map((byte) => byte ^ 0xff) } : {}),
});

test('an export runs under the worker’s own payload codec, the ledger of its account included', async () => {
  const dataConverter = { payloadCodecs: [flip] };
  const taskQueue = await startWorker({ dataConverter, plugins: [pluginFor()] });
  const client = await clientOf({ dataConverter });
  const handle = await startForecastExport(client, { forecastId: 'emea_bookings' }, { taskQueue });
  expect((await handle.result()).complete).toBe(true);
  const ledger = client.workflow.getHandle(`${taskQueue}-account-default`);
  expect(await ledger.query('ledger')).toMatchObject({ account: 'default' });
  await ledger.terminate('the test is over');
});

test('a plugin that comes by the connection serves the worker, and leaves the workers that it adds alone', async () => {
  const own = await NativeConnection.connect({ address: inject('temporalAddress'), plugins: [pluginFor()] });
  closing.push(() => own.close());
  const taskQueue = await startWorker({ connection: own });
  closing.reverse();
  const client = await clientOf();
  const handle = await startForecastExport(client, { forecastId: 'emea_bookings', fresh: true }, { taskQueue });
  expect((await handle.result()).complete).toBe(true);
  await client.workflow.getHandle(`${taskQueue}-account-default`).terminate('the test is over');
});

test('what is to be known of a policy is logged, and in the receipt', async () => {
  const taskQueue = await startWorker({ plugins: [pluginFor({}, { CLARI_POLICY: 'brief' })] });
  const client = await clientOf();
  const handle = await startForecastExport(client, { forecastId: 'emea_bookings', fresh: true }, { taskQueue });
  const { warnings } = await handle.result();
  expect(warnings).toEqual([expect.stringContaining('The policy brief is unkeyed, reversible')]);
  expect(sdkLogs.filter((line) => line.includes('WARN')).join()).toContain(warnings[0]);
  await client.workflow.getHandle(`${taskQueue}-account-default`).terminate('the test is over');
});

test('the parts of a plugin can be changed: a destination of one’s own lands the export', async () => {
  const landed: string[] = [];
  const own = (destination: Destination): Destination => ({
    label: 'own:table',
    check: () => destination.check(),
    published: (load) => destination.published(load),
    landed: (query) => destination.landed(query),
    closeRun: (runId) => destination.closeRun(runId),
    prepare: (load, signal) => {
      landed.push(load.exportId);
      return destination.prepare(load, signal);
    },
  });
  const plugin = pluginFor({
    adapt: (made) => ({
      ...made,
      connections: made.connections.map((one) => ({ ...one, destination: own(one.destination) })),
    }),
  });
  const taskQueue = await startWorker({ plugins: [plugin] });
  const client = await clientOf();
  const handle = await startForecastExport(client, { forecastId: 'emea_bookings', fresh: true }, { taskQueue });
  const receipt = await handle.result();
  expect([receipt.destination, landed]).toEqual(['own:table', [receipt.exportId]]);
  await client.workflow.getHandle(`${taskQueue}-account-default`).terminate('the test is over');
});

test('when a worker of the plugin can not be made, the worker’s own run ends with its reason', async () => {
  const broken = new Error('no such part');
  const plugin = pluginFor({
    adapt: (made) => ({
      ...made,
      staging: {
        run: (owner) => made.staging.run(owner),
        leftovers: () => made.staging.leftovers(),
        get id(): string {
          throw broken;
        },
      },
    }),
  });
  const worker = await Worker.create({
    connection,
    taskQueue: 'plugin-broken',
    workflowBundle: { codePath: inject('workflowBundlePath') },
    plugins: [plugin],
  });
  await expect(worker.run()).rejects.toThrow(broken);
  // It holds on to the connection no longer.
  expect(worker.getState()).toBe('STOPPED');
});

const faulty: readonly [string, Partial<WorkerOptions>, string][] = [
  ['has no connection', { connection: undefined as never }, 'the worker needs a connection (connection: await Native'],
  ['has no task queue', { taskQueue: '' }, 'the worker needs a taskQueue'],
  [
    'has an activity of the same name',
    { activities: { resolveConnection: () => Promise.resolve() } },
    'the worker has an activity resolveConnection already',
  ],
];
test.each(faulty)('a worker that %s is refused with the remedy', async (_, options, message) => {
  const plugin = pluginFor();
  await expect(plugin.configureWorker({ connection, taskQueue: 'mine', ...options })).rejects.toThrow(message);
});

test('a plugin serves one worker', async () => {
  const plugin = pluginFor();
  await plugin.configureWorker({ connection, taskQueue: 'mine' });
  await expect(plugin.configureWorker({ connection, taskQueue: 'other' })).rejects.toThrow('make one for each worker');
});

test('a faulty configuration stops the worker’s creation with every fault', async () => {
  const readOnly = fileURLToPath(import.meta.url);
  const plugin = pluginFor({}, { CLARI_STAGING_DIR: readOnly, CLARI_DESTINATION: `duckdb:${readOnly}/x.duckdb` });
  const creation = plugin.configureWorker({ connection, taskQueue: 'mine' });
  await expect(creation).rejects.toThrow(/CLARI_STAGING_DIR|staging/i);
  await expect(creation).rejects.toThrow(/2 faults|destination/i);
});

test('the activities of the worker itself stay', async () => {
  const mine = () => Promise.resolve();
  const { activities } = await pluginFor().configureWorker({ connection, taskQueue: 'mine', activities: { mine } });
  expect(activities).toMatchObject({ mine, resolveConnection: expect.any(Function) as unknown });
});
