import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { pack } from '../../scripts/pack.js';
import { startForecastExport } from '../../src/client/start-forecast-export.js';
import { startFakeClari, type FakeClari } from '../../src/testing/fake-clari/index.js';
import { checkout, startNode, type Child } from '../support/child.js';
import { rowsOf, TOKEN } from '../support/world.js';

const run = promisify(execFile);
const SUBPATHS = ['', '/workflows', '/activities', '/worker', '/plugin', '/testing'];

let folder: string;
let app: string;
let clari: FakeClari;
let worker: Child;
let environment: Record<string, string>;

/** The project of somebody else: installed from the packed tarball in a clean folder, compiled, and its worker started. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'consumer-'));
  app = join(folder, 'own-worker');
  await cp(`${checkout}test/consumers/own-worker`, app, { recursive: true });
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', pack(folder)];
  await run('npm', install, { cwd: app });
  await run('npm', ['run', 'build'], { cwd: app });
  const forecast = { entries: 400, shape: 'five-lists' } as const;
  clari = await startFakeClari({
    dialect: 'published',
    tokens: [{ token: TOKEN, userId: 40_112 }],
    forecasts: [
      { forecastId: 'net_arr', forecastName: 'Net ARR', ...forecast },
      { forecastId: 'renewals', forecastName: 'Renewals', ...forecast },
    ],
  });
  const { PATH = '', HOME = '' } = process.env;
  environment = {
    PATH,
    HOME,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TASK_QUEUE: `revenue-${clari.apiUrl.replace(/\D/g, '')}`,
    CLARI_API_KEY: TOKEN,
    CLARI_BASE_URL: clari.apiUrl,
    CLARI_ALLOWED_LINK_HOSTS: new URL(clari.linkUrl).host,
    CLARI_DESTINATION: `duckdb:${join(folder, 'warehouse.duckdb')}`,
    CLARI_STAGING_DIR: join(folder, 'staging'),
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
  };
  worker = startNode(['dist/worker.js'], { cwd: app, env: environment });
  await worker.says('ready');
}, 300_000);

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await clari.close();
  await rm(folder, { recursive: true, force: true });
});

test('a worker of somebody else exports by the plugin, with its own workflows beside ours', async () => {
  const { exitCode, stdout, stderr } = await startNode(['dist/nightly.js'], { cwd: app, env: environment }).ended;
  expect([exitCode, stderr]).toEqual([0, '']);
  const { workflowId, receipt, announced } = JSON.parse(stdout) as {
    workflowId: string;
    receipt: { exportId: string; tables: { table: string; read: number; landed: number }[] };
    announced: string[];
  };
  expect(workflowId).toMatch(/^export-net_arr-2027_Q2-[0-9a-f]{8}$/);
  const entries = clari.expectedFor('net_arr', {
    timePeriod: '2027_Q2',
    typesToExport: ['forecast', 'quota', 'forecast_updated', 'adjustment', 'crm_total', 'crm_closed'],
    currency: null,
    includeHistorical: true,
  }).counts.entries;
  expect(receipt.tables[0]).toMatchObject({ table: 'forecast_entries', read: entries, landed: entries });
  expect(announced).toEqual([
    expect.stringMatching(/^announced: renewals: [1-9]\d* rows in duckdb:/),
    'announced: no_such_forecast: UnknownForecast',
  ]);
  const landed = await rowsOf(
    join(folder, 'warehouse.duckdb'),
    `SELECT forecast_id, count(*)::INT FROM forecast_entries JOIN exports USING (export_id) GROUP BY ALL ORDER BY ALL`,
  );
  expect(landed).toEqual([
    ['net_arr', entries],
    ['renewals', entries],
  ]);
});

test('activities made by the factory run in workers that are put together by hand', async () => {
  const byHand = startNode(['dist/by-hand.js'], { cwd: app, env: environment });
  await byHand.says('ready');
  const taskQueue = `${environment.TASK_QUEUE ?? ''}-by-hand`;
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection });
  const handle = await startForecastExport(client, { forecastId: 'net_arr', timePeriod: '2027_Q1' }, { taskQueue });
  expect(await handle.result()).toMatchObject({ complete: true, timePeriod: '2027_Q1' });
  await connection.close();
  byHand.signal('SIGTERM');
  expect((await byHand.ended).exitCode).toBe(0);
});

test('the worker of the package runs where its folder is a link', async () => {
  const link = join(folder, 'linked');
  await symlink(join(app, 'node_modules/clari-temporal'), link);
  const { exitCode, stderr } = await startNode([join(link, 'dist/worker.js')], { cwd: folder }).ended;
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('CLARI_API_KEY')]);
});

test('a worker of somebody else has one copy of each of Temporal’s packages', async () => {
  const folders = await readdir(join(app, 'node_modules'), { recursive: true });
  const copies = folders.flatMap((name) => /(?:^|\/)(@temporalio\/[\w-]+)$/.exec(name)?.[1] ?? []).sort();
  expect(copies).toContain('@temporalio/common');
  expect(copies).toEqual([...new Set(copies)]);
});

test.each(SUBPATHS)('clari-temporal%s can be imported and required', async (subpath) => {
  const name = `clari-temporal${subpath}`;
  const esm = `console.log(Object.keys(await import('${name}')).sort().join())`;
  const cjs = `console.log(Object.keys(require('${name}')).filter((key) => key !== '__esModule').sort().join())`;
  const [imported, required] = await Promise.all([
    startNode(['--input-type=module', '-e', esm], { cwd: app, env: environment }).ended,
    startNode(['--input-type=commonjs', '-e', cjs], { cwd: app, env: environment }).ended,
  ]);
  expect([imported.exitCode, imported.stderr, imported.stdout.length > 1]).toEqual([0, '', true]);
  expect([required.exitCode, required.stderr, required.stdout]).toEqual([0, '', imported.stdout]);
});

test('the installed command runs the demo', async () => {
  const env = { ...environment, TEMPORAL_CLI_PATH: inject('temporalCliPath') };
  const command = join(app, 'node_modules/.bin/clari-temporal');
  const { stdout } = await run(command, ['demo', '--folder', join(folder, 'demo')], { cwd: app, env });
  expect(stdout).toMatch(/ net_arr +forecast_entries +20000 +20000 +\d+\n/);
  const query = /\n {2}npx clari-temporal (sql .*)\n/.exec(stdout)?.[1] ?? '';
  const { stdout: rows } = await run('sh', ['-c', `${command} ${query}`], { cwd: app, env });
  expect(rows).toContain('Best Case');
});
