import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SUPERVISOR } from '../../testing/temporal/supervisor.js';

const STOP_MS = 20_000;
const LOOPBACK = '127.0.0.1,localhost';

export interface WorkerProcess {
  /** Process id of the worker itself. */
  readonly pid: number;
  /** Ends it with SIGTERM, and SIGKILL after 20 s; repeating it is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts a worker in a process of its own, as an operator would, and resolves when it polls its queues. It ends with this
 * process, however that one ends.
 *
 * @param environment its CLARI_… and TEMPORAL_… variables; this process's own are not passed on
 * @param cwd where it looks for `.env`: not the checkout, whose `.env` may name the real Clari
 * @param signal ends a worker that is still starting; default: nothing does
 */
export async function startWorkerProcess(
  environment: Readonly<Record<string, string>>,
  cwd: string,
  logFile: string,
  signal?: AbortSignal,
): Promise<WorkerProcess> {
  const command = [process.execPath, ...workerArguments()];
  const child = spawn(process.execPath, ['-e', SUPERVISOR, '--', String(STOP_MS), ...command], {
    cwd,
    // What it talks to is on this machine, which no proxy can reach.
    env: { ...withoutOurs(process.env), NO_PROXY: LOOPBACK, no_proxy: LOOPBACK, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C in a terminal reaches the demo alone, which then ends its parts in their order.
    detached: true,
  });
  const exited = once(child, 'exit');
  const end = (): void => {
    if (child.connected) child.disconnect();
  };
  signal?.addEventListener('abort', end, { once: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  let lastWords = '';
  child.stderr?.on('data', (text: Buffer) => {
    lastWords = (lastWords + text.toString()).slice(-2000);
    log.write(text);
  });
  let pid = -1;
  child.once('message', (message: { readonly pid?: number }) => (pid = message.pid ?? pid));
  await Promise.race([
    waitForStart(child),
    exited.then(() => {
      throw new Error(`The worker did not start. ${lastWords.trim()}`);
    }),
  ]);
  signal?.removeEventListener('abort', end);
  return {
    pid,
    async stop() {
      end();
      await exited;
      log.end();
    },
  };
}

async function waitForStart(child: ChildProcess): Promise<void> {
  if (!child.stdout) return;
  // The stream is piped to the log as well, so leaving this loop must not close it.
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('"event":"started"')) resolve();
    });
  });
}

/** From sources in a checkout, compiled in a package. */
function workerArguments(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('../../worker.js', import.meta.url))];
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('../../worker.ts', import.meta.url))];
}

function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(CLARI|TEMPORAL)_/.test(name)));
}
