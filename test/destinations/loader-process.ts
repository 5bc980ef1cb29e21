import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from '../../src/crash/crash-point.js';
import type { LoaderAnswer, LoaderCommand } from '../support/duckdb-loader.js';

const script = fileURLToPath(new URL('../support/duckdb-loader.ts', import.meta.url));

export interface LoaderOptions {
  readonly limitKb?: number;
  readonly crashAt?: CrashPoint;
}

/** Another process with a destination on the same file. */
export class LoaderProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /**
   * @param limitKb size that a file of this process may reach, in KiB: a disk that is full, without one
   * @param crashAt where it dies
   */
  constructor(database: string, { limitKb, crashAt }: LoaderOptions = {}) {
    const node = [process.execPath, '--import', 'tsx', script, database];
    const [command = '', ...rest] =
      limitKb === undefined ? node : ['/bin/sh', '-c', `ulimit -f ${limitKb * 2}; exec "$0" "$@"`, ...node];
    this.#child = spawn(command, rest, {
      stdio: ['pipe', 'pipe', crashAt ? 'ignore' : 'inherit'],
      env: { ...process.env, ...(crashAt ? { CLARI_TEST_CRASH_AT: crashAt } : {}) },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async tell(command: LoaderCommand): Promise<LoaderAnswer> {
    this.send(command);
    return this.answer();
  }

  send(command: LoaderCommand): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  async answer(): Promise<LoaderAnswer> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('The loader process ended without an answer.');
    return JSON.parse(line.value) as LoaderAnswer;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  /** Resolves when it has died where it was told to. */
  async died(): Promise<void> {
    if (this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
