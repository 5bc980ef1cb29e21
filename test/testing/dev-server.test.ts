import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { startTemporalDevServer, type DevServer } from '../../src/testing/temporal/dev-server.js';
import { SUPERVISOR } from '../../src/testing/temporal/supervisor.js';
import { timeSkippingServer } from '../../src/testing/temporal/test-server.js';
import { writeScript } from './fake-tools.js';

const executable = inject('temporalCliPath');
let folder: string;
const servers: DevServer[] = [];

const start = async (options: Parameters<typeof startTemporalDevServer>[0] = {}): Promise<DevServer> => {
  const server = await startTemporalDevServer({ executable, ...options });
  servers.push(server);
  return server;
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'dev-server-'));
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function withConnection<T>(address: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

test('it serves the namespace, knows its search attributes at once, and stop leaves no process', async () => {
  const logFile = path.join(folder, 'server.log');
  const server = await start({ namespace: 'exports', searchAttributes: { Stage: 'Keyword', Rows: 'Int' }, logFile });
  expect(server.uiUrl).toBeUndefined();
  await withConnection(server.address, async (connection) => {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'exports' });
    expect(namespaceInfo?.name).toBe('exports');
    const listed = await connection.operatorService.listSearchAttributes({ namespace: 'exports' });
    expect(Object.keys(listed.customAttributes)).toEqual(expect.arrayContaining(['Stage', 'Rows']));
  });
  expect(isAlive(server.pid)).toBe(true);
  await server.stop();
  await server.stop();
  expect(isAlive(server.pid)).toBe(false);
  expect(await readFile(logFile, 'utf8')).toContain('Temporal Server:');
});

test('the Web UI is served when asked for', async () => {
  const { uiUrl } = await start({ ui: true });
  if (uiUrl === undefined) throw new Error('No address of the Web UI.');
  const answer = await fetch(uiUrl);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
});

test('with a database file and a port it comes back as it was', async () => {
  const dbFile = path.join(folder, 'temporal.db');
  const first = await start({ dbFile });
  await withConnection(first.address, (connection) =>
    new Client({ connection }).workflow.start('nobodyRunsThis', { taskQueue: 'none', workflowId: 'kept' }),
  );
  await first.stop();
  const port = Number(new URL(`tcp://${first.address}`).port);
  const second = await start({ dbFile, port });
  expect(second.address).toBe(first.address);
  await withConnection(second.address, async (connection) => {
    expect(await new Client({ connection }).workflow.getHandle('kept').describe()).toMatchObject({
      workflowId: 'kept',
    });
  });
});

test('dynamic configuration reaches the server', async () => {
  const { address } = await start({ dynamicConfig: { 'limit.maxIDLength': 60 } });
  await withConnection(address, async (connection) => {
    const workflow = new Client({ connection }).workflow;
    const longId = 'x'.repeat(70);
    await expect(workflow.start('nobodyRunsThis', { taskQueue: 'none', workflowId: longId })).rejects.toThrow();
    await workflow.start('nobodyRunsThis', { taskQueue: 'none', workflowId: 'short' });
  });
});

test('variables that point at another Temporal lead neither the server nor the wait astray', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  vi.stubEnv('TEMPORAL_TLS', 'true');
  vi.stubEnv('TEMPORAL_NAMESPACE', 'elsewhere');
  try {
    await start();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a server that dies is reported with its last lines and how it ended', async () => {
  const script = await writeScript(folder, 'temporal', 'echo first words; echo last words >&2; exit 7');
  const logFile = path.join(folder, 'server.log');
  await writeFile(logFile, 'Error: of an earlier server\n');
  await expect(start({ executable: script, logFile })).rejects.toThrow(
    /ended before it served\. Its last lines:\nfirst words\nlast words$/,
  );
});

test('of a panic the error shows what it was, not the end of its trace', async () => {
  const script = await writeScript(
    folder,
    'temporal',
    'echo panic: no room; for i in $(seq 40); do echo "frame $i"; done; exit 2',
  );
  await expect(start({ executable: script })).rejects.toThrow(/Its last lines:\npanic: no room\nframe 1\n/);
});

test('a server that lost a port to somebody quicker is started again on another', async () => {
  const once = `if mkdir '${folder}/tried' 2>/dev/null; then echo 'panic: listen: address already in use'; exit 2; fi`;
  const script = await writeScript(folder, 'temporal', `${once}\nexec '${executable}' "$@"`);
  const { address } = await start({ executable: script });
  await withConnection(address, (connection) => connection.workflowService.getSystemInfo({}));
});

test('an executable that can not be started is an error, not a wait', async () => {
  await expect(start({ executable: path.join(folder, 'nowhere') })).rejects.toThrow(/ended before it served/);
});

test('a port that is taken is an error that says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  try {
    await expect(start({ port: address.port })).rejects.toThrow(`Port ${address.port} of 127.0.0.1 is in use`);
  } finally {
    taken.close();
  }
});

test('stop ends a server whose supervisor was killed', async () => {
  const server = await start();
  const ps = (what: string, pid: number): string =>
    spawnSync('ps', ['-o', `${what}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  const supervisor = Number(ps('ppid', server.pid));
  process.kill(supervisor, 'SIGKILL');
  await expect.poll(() => isAlive(supervisor), { timeout: 60_000, interval: 50 }).toBe(false);
  expect(isAlive(server.pid)).toBe(true);
  await server.stop();
  // Gone, or dead and not yet collected by whoever took over the orphan.
  await expect.poll(() => ps('stat', server.pid), { timeout: 60_000, interval: 50 }).toMatch(/^(Z.*)?$/);
});

test('a server that does not heed SIGTERM is killed', async () => {
  const deaf = "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)";
  const supervisor = spawn(process.execPath, ['-e', SUPERVISOR, '--', '100', process.execPath, '-e', deaf], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (supervisor.stdout === null) throw new Error('The supervisor has no output.');
  const ended = once(supervisor, 'exit');
  const [[message]] = (await Promise.all([once(supervisor, 'message'), once(supervisor.stdout, 'data')])) as [
    [{ pid: number }],
    unknown,
  ];
  supervisor.disconnect();
  await ended;
  expect(isAlive(message.pid)).toBe(false);
});

test.each(['SIGKILL', 'SIGTERM'] as const)('%s of the process that started it leaves no server', async (signal) => {
  const parent = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./orphan-maker.ts', import.meta.url)), executable],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const { pid } = JSON.parse(line.toString()) as { pid: number };
  expect(isAlive(pid)).toBe(true);
  parent.kill(signal);
  await once(parent, 'exit');
  await expect.poll(() => isAlive(pid), { timeout: 60_000, interval: 50 }).toBe(false);
});

test('the time-skipping server starts from the resolved executable', async () => {
  const env = { TEMPORAL_TEST_SERVER_PATH: inject('temporalTestServerPath') };
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: await timeSkippingServer({ env }) });
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('30 days');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 24 * 3_600_000);
  } finally {
    await environment.teardown();
  }
});
