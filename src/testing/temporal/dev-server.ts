import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TemporalToolError } from './errors.js';
import { resolveTemporalCli } from './executable.js';
import { freePort } from './free-port.js';
import { waitUntilServing } from './serving.js';
import { SUPERVISOR } from './supervisor.js';

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;
const START_ATTEMPTS = 3;
const SHOWN_LINES = 15;
/** The server looks for some free ports of its own and panics when somebody else is quicker to take one. */
const LOST_A_PORT = /address already in use|^panic:/m;

export interface DevServerOptions {
  /** Path of the `temporal` executable. Default: what `resolveTemporalCli` finds or installs. */
  readonly executable?: string;
  /** Port of the gRPC service. Default: a free one. */
  readonly port?: number;
  /** Whether to serve the Web UI, or on which port. Default: false. */
  readonly ui?: boolean | number;
  /** SQLite file that outlives the server. Default: everything is forgotten when it stops. */
  readonly dbFile?: string;
  /** Names and types (`Keyword`, `Int`, `Datetime`, ...) to register at the start. */
  readonly searchAttributes?: Readonly<Record<string, string>>;
  /** Default: `default`. */
  readonly namespace?: string;
  /** Dynamic configuration by its key, as JSON values. Default: none. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean | object>>;
  /** Where the server's output goes, appended. Default: it is kept only until the server serves. */
  readonly logFile?: string;
}

export interface DevServer {
  /** `127.0.0.1:PORT` of the gRPC service. */
  readonly address: string;
  /** Present when the Web UI is served. */
  readonly uiUrl?: string;
  /** Process id of the server itself. */
  readonly pid: number;
  /** Ends the server: SIGTERM, and SIGKILL after 10 s. Resolves when its process is gone; calling it again is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts Temporal's development server on 127.0.0.1 and resolves once it serves the namespace, within 60 s.
 *
 * It does not keep the process that started it alive and ends with it, however that one ends; Ctrl-C in a terminal does not
 * reach it before its parent is done.
 *
 * @throws TemporalToolError with the server's last lines when it dies or does not serve in time.
 */
export async function startTemporalDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const executable = options.executable ?? (await resolveTemporalCli()).path;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(options.port);
    const uiPort =
      options.ui === undefined || options.ui === false
        ? undefined
        : await freePort(options.ui === true ? 0 : options.ui);
    const outcome = await start(executable, port, uiPort, options);
    if ('server' in outcome) return outcome.server;
    if (attempt === START_ATTEMPTS || !LOST_A_PORT.test(outcome.output)) {
      throw new TemporalToolError(
        `The Temporal development server ${outcome.why}. Its last lines:\n${tellingLines(outcome.output)}`,
      );
    }
  }
}

/** The lines from the error on if there is one, since a panic's trace would push it out of sight; else the last ones. */
function tellingLines(output: string): string {
  const lines = output.trim().split('\n');
  const error = lines.findIndex((line) => /^(panic|fatal error|Error):/.test(line));
  const from = error === -1 ? lines.length - SHOWN_LINES : error;
  return lines.slice(Math.max(0, from)).slice(0, SHOWN_LINES).join('\n');
}

type Outcome = { readonly server: DevServer } | { readonly why: string; readonly output: string };

async function start(
  executable: string,
  port: number,
  uiPort: number | undefined,
  options: DevServerOptions,
): Promise<Outcome> {
  const ownFolder = options.logFile === undefined ? await mkdtemp(path.join(os.tmpdir(), 'temporal-')) : undefined;
  const logFile = options.logFile ?? path.join(ownFolder ?? '', 'server.log');
  const before = await stat(logFile).then(
    ({ size }) => size,
    () => 0,
  );
  const supervisor = await supervise([executable, ...serverArguments(port, uiPort, options)], logFile);
  const pid = await serverPid(supervisor);

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= endSupervisor(supervisor, pid));

  const died = new AbortController();
  supervisor.once('exit', () => died.abort());
  if (hasExited(supervisor)) died.abort();
  const address = `127.0.0.1:${port}`;
  const expected = {
    address,
    namespace: options.namespace ?? 'default',
    searchAttributes: Object.keys(options.searchAttributes ?? {}),
  };
  const serving = await waitUntilServing(
    expected,
    AbortSignal.any([died.signal, AbortSignal.timeout(START_TIMEOUT_MS)]),
  );
  const output = serving ? '' : (await readFile(logFile)).subarray(before).toString('utf8');
  // The server goes on writing to the file that has no name any more, and nobody has to remove it when the parent is killed.
  if (ownFolder !== undefined) await rm(ownFolder, { recursive: true, force: true });
  if (serving && pid !== undefined) {
    return { server: { address, ...(uiPort !== undefined && { uiUrl: `http://127.0.0.1:${uiPort}` }), pid, stop } };
  }
  const why = died.signal.aborted ? 'ended before it served' : `did not serve within ${START_TIMEOUT_MS / 1000} s`;
  await stop();
  return { why, output };
}

function serverArguments(port: number, uiPort: number | undefined, options: DevServerOptions): string[] {
  const repeated = (flag: string, values: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  const dynamicConfig = Object.entries(options.dynamicConfig ?? {}).map(([key, value]) => [key, JSON.stringify(value)]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
    ...(options.namespace === undefined ? [] : ['--namespace', options.namespace]),
    ...repeated('--search-attribute', options.searchAttributes),
    ...repeated('--dynamic-config-value', Object.fromEntries(dynamicConfig) as Record<string, string>),
  ];
}

async function supervise(command: readonly string[], logFile: string): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  try {
    const supervisor = spawn(process.execPath, ['-e', SUPERVISOR, '--', String(STOP_GRACE_MS), ...command], {
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // A group of its own: Ctrl-C in a terminal would otherwise end the server under a worker that is still draining.
      detached: true,
      env: serverEnvironment(),
    });
    supervisor.on('error', () => undefined);
    return supervisor;
  } finally {
    await log.close();
  }
}

/** Without what would lead the command line to another server, and without loaders that the supervisor has no use for. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const foreign = (name: string): boolean => name.startsWith('TEMPORAL_') || name === 'NODE_OPTIONS';
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign(name)));
}

/** Undefined when the server could not be started at all. Lets go of the child afterwards, so that it keeps nobody alive. */
async function serverPid(supervisor: ChildProcess): Promise<number | undefined> {
  const message = await Promise.race([
    once(supervisor, 'message').then(([first]) => first as unknown),
    once(supervisor, 'exit').then(() => undefined),
  ]).catch(() => undefined);
  supervisor.unref();
  supervisor.channel?.unref();
  return typeof message === 'object' && message !== null && 'pid' in message && typeof message.pid === 'number'
    ? message.pid
    : undefined;
}

async function endSupervisor(supervisor: ChildProcess, pid: number | undefined): Promise<void> {
  if (!hasExited(supervisor) && supervisor.pid !== undefined) {
    supervisor.ref();
    const exited = once(supervisor, 'exit');
    if (supervisor.connected) supervisor.disconnect();
    await exited;
  }
  // Somebody killed the supervisor itself, which could then not end the server.
  if (supervisor.signalCode !== null && pid !== undefined) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
