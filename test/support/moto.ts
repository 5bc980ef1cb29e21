import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { addToCache, cacheFolder, lastLine } from '../../src/testing/temporal/install.js';
import { runCommand } from '../../src/testing/temporal/run-command.js';
import { SUPERVISOR } from '../../src/testing/temporal/supervisor.js';

/** moto, a server that behaves like AWS, and what it needs to be one. */
const PACKAGES = ['moto==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];
const INSTALL_TIMEOUT_MS = 10 * 60_000;

export interface Moto {
  /** For all services of AWS. */
  readonly endpoint: string;
  /** Ends it, as a power cut would. */
  close(): Promise<void>;
}

/**
 * A server on 127.0.0.1 that takes any credentials, and ends with this process. Installed once beside Temporal's executables.
 * @throws Error that says what is missing here
 */
export async function startMoto(): Promise<Moto> {
  const server = spawn(
    process.execPath,
    ['-e', SUPERVISOR, '--', '0', 'python3', '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'],
    { env: { ...process.env, PYTHONPATH: await installed() }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  const said: string[] = [];
  const lines = server.stderr ? createInterface({ input: server.stderr }) : [];
  for await (const line of lines) {
    said.push(line);
    const [, endpoint] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
    if (endpoint === undefined) continue;
    // It logs each request.
    server.stderr?.resume();
    return {
      endpoint,
      async close() {
        if (server.exitCode !== null || server.signalCode !== null) return;
        const ended = once(server, 'exit');
        server.disconnect();
        await ended;
      },
    };
  }
  throw new Error(`moto did not start:\n${said.join('\n')}`);
}

/** The folder that holds moto for this machine's Python. */
async function installed(): Promise<string> {
  const env = { ...process.env, PIP_REQUIRE_VIRTUALENV: '0' };
  const python = (...args: string[]) => runCommand('python3', args, { env, timeoutMs: INSTALL_TIMEOUT_MS });
  const { ok, stdout, stderr } = await python('-c', 'import sys; print("%d.%d" % sys.version_info[:2])');
  if (!ok)
    throw new Error(`moto, which stands for AWS in tests, needs python3 with pip on the PATH: ${lastLine(stderr)}`);
  const [moto = ''] = PACKAGES;
  const name = `${moto.replace('==', '-')}-python${stdout.trim()}`;
  const folder = path.join(cacheFolder(env), name);
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return folder;
  return addToCache(name, env, async (own) => {
    const made = path.join(own, 'packages');
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--only-binary=:all:'];
    const answer = await python(...pip, '--target', made, ...PACKAGES);
    if (!answer.ok) throw new Error(`moto could not be installed; pip said: ${lastLine(answer.stderr)}`);
    return made;
  });
}
