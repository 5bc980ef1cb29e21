import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));
const tsx = import.meta.resolve('tsx');

export interface ChildResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  readonly pid: number;
  /** All that it wrote to standard output so far. */
  readonly stdout: () => string;
  /** Resolves when what it wrote holds `text`, errors included; rejects when it ends before. */
  says(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<ChildResult>;
}

interface ChildOptions {
  readonly cwd: string;
  /** Default: PATH and HOME alone. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A source file of the package as a process of its own, as `npx tsx` runs it but without a shell between. */
export function startChild(source: string, words: readonly string[], options: ChildOptions): Child {
  return startNode(['--import', tsx, `${checkout}${source}`, ...words], options);
}

/** A process of this Node. */
export function startNode(words: readonly string[], options: ChildOptions): Child {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, words, {
    cwd: options.cwd,
    env: options.env ?? { PATH, HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const heard = new EventEmitter();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard.emit('text');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard.emit('text');
  });
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, stdout, stderr }));
  return {
    pid: child.pid ?? -1,
    stdout: () => stdout,
    async says(text) {
      const said = (): boolean => stdout.includes(text) || stderr.includes(text);
      while (!said()) {
        const more = once(heard, 'text').then(() => true);
        if (!(await Promise.race([more, ended.then(() => false)])) && !said()) {
          throw new Error(`It ended without saying ${text}:\n${stdout}${stderr}`);
        }
      }
    },
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

/** Command lines of the processes that are alive and have `text` in theirs, or in their working folder. Linux alone. */
export async function processesWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return command !== '' && `${folder}\0${command}`.includes(text) ? [command.replaceAll('\0', ' ')] : [];
    }),
  );
  return found.flat();
}
