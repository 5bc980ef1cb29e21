import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { checkout, processesWith, startChild, type Child, type ChildResult } from '../support/child.js';

const run = promisify(execFile);

let cwd: string;
let first: ChildResult;
const demos: Child[] = [];

function startDemo(folder: string, ...flags: readonly string[]): Child {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, TEMPORAL_CLI_PATH: inject('temporalCliPath') };
  const demo = startChild('src/cli.ts', ['demo', '--folder', folder, ...flags], { cwd, env });
  demos.push(demo);
  return demo;
}

/** The demo's server, and all that has its folder as working folder or in its command line, the worker among it. */
async function partsOf(stdout: string): Promise<string[]> {
  const port = /Temporal server at 127\.0\.0\.1:(\d+)/.exec(stdout)?.[1];
  if (port === undefined) throw new Error(`No Temporal server was named:\n${stdout}`);
  return [...(await processesWith(`--port\0${port}`)), ...(await processesWith(cwd))];
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'demo-'));
  first = await startDemo('out').ended;
});
afterAll(async () => {
  // Only a demo that hangs is still there.
  for (const demo of demos) demo.signal('SIGKILL');
  await Promise.all(demos.map(({ ended }) => ended));
  await rm(cwd, { recursive: true, force: true });
});

test('a demo shows what landed, where it is, and how to go on', () => {
  const { exitCode, stdout, stderr } = first;
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/ net_arr +forecast_entries +20000 +20000 +\d+\n/);
  expect(stdout).toMatch(/ renewals +forecast_entries +5000 +5000 +\d+\n/);
  expect(stdout).toContain('Database: out/warehouse.duckdb\n');
  expect(stdout).toMatch(/\n {2}temporal workflow start --address 127\.0\.0\.1:\d+ .*--type exportForecast/);
  expect(stdout).toMatch(/\n {2}tctl --address 127\.0\.0\.1:\d+ .*--workflow_type exportForecast/);
  expect(stdout).toContain('Web UI: http://127.0.0.1:');
});

test('a demo in a pipe says each stage on a line of its own, without escape sequences', () => {
  for (const stage of ['Clari is exporting', 'landed 5,122 rows']) expect(first.stdout).toContain(`renewals: ${stage}`);
  expect(first.stdout).not.toContain('\u001b');
});

test('the query that a demo prints gives rows', async () => {
  const line = /\n {2}npm run sql -- (.*)\n/.exec(first.stdout)?.[1] ?? '';
  expect(line).toContain('SELECT');
  const command = `${process.execPath} --import ${import.meta.resolve('tsx')} ${checkout}src/cli.ts sql ${line}`;
  const { stdout } = await run('sh', ['-c', command], { cwd });
  expect(stdout.trimEnd().split('\n')).toHaveLength(2 + 5);
  expect(stdout).toMatch(/net_arr +Best Case +USD +\d+/);
});

test('a demo leaves its folder and nothing else: no process, no file', async () => {
  expect(await partsOf(first.stdout)).toEqual([]);
  expect(await readdir(cwd)).toEqual(['out']);
  expect((await readdir(join(cwd, 'out', 'staging', 'runs'))).filter((name) => !name.startsWith('.'))).toEqual([]);
});

test('a folder that is not a demo’s is refused and left as it is', async () => {
  const mine = await mkdtemp(join(tmpdir(), 'demo-mine-'));
  await writeFile(join(mine, 'work.txt'), 'mine');
  const { exitCode, stdout, stderr } = await startDemo(mine).ended;
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toBe(`The folder ${mine} exists and was not made by a demo: name another with --folder.\n`);
  expect(await readdir(mine)).toEqual(['work.txt']);
  await rm(mine, { recursive: true });
});

test('a second demo into the same folder that is interrupted ends all that it started', async () => {
  const demo = startDemo('out');
  await demo.says('Worker on task queue');
  demo.signal('SIGINT');
  const { exitCode, stdout, stderr } = await demo.ended;
  expect([exitCode, stderr]).toEqual([130, '\nInterrupted: ending what was started.\n']);
  expect(await partsOf(stdout)).toEqual([]);
});

test('a demo that is killed outright takes its server and its worker along', async () => {
  const demo = startDemo('out');
  await demo.says('Worker on task queue');
  expect((await partsOf(demo.stdout())).join('\n')).toMatch(/start-dev[^]*src\/worker\.ts/);
  demo.signal('SIGKILL');
  const { stdout } = await demo.ended;
  // They end by themselves, after the demo: nothing but looking tells when.
  await vi.waitFor(async () => expect(await partsOf(stdout)).toEqual([]), { timeout: 60_000, interval: 200 });
});

test('a demo in a folder that a killed one left works, and with --keep goes on running until it is interrupted, its proper end', async () => {
  const demo = startDemo('out', '--keep');
  await demo.says('goes on running until Ctrl-C');
  expect((await partsOf(demo.stdout())).join('\n')).toMatch(/start-dev[^]*src\/worker\.ts/);
  demo.signal('SIGINT');
  const { exitCode, stdout } = await demo.ended;
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/ net_arr +forecast_entries +20000 +20000 /);
  expect(await partsOf(stdout)).toEqual([]);
});
