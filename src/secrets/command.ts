import { spawn, type ChildProcess } from 'node:child_process';
import { ExportError } from '../model/export-error.js';
import type { CommandWords } from './command-words.js';
import { errorCode } from './error-code.js';
import { LONGEST_BYTES, READ_TIMEOUT_MS } from './limits.js';
import { NamedSecret } from './named-secret.js';
import type { Secret } from './port.js';
import { StoreDown } from './store-down.js';
import { within } from './within.js';

/** Such a program is not there, whatever the store of the secret does. */
const notThere = ['ENOENT', 'EACCES', 'ENOTDIR'];

/**
 * What a command prints, run anew at each read: without a shell, in the worker's environment, with nothing to read from, for 10
 * seconds and 64 KiB at most. Its reference names the program alone: arguments can hold what others need not know. What it prints
 * is never shown, on standard error neither.
 */
export function commandSecret([program, ...args]: CommandWords): Secret {
  const reference = `exec:${program}`;
  return new NamedSecret(reference, () =>
    within(
      READ_TIMEOUT_MS,
      (signal) => outputOf(reference, program, args, signal),
      () => new StoreDown(`The command of the secret ${reference} was stopped, since it took longer than 10 seconds.`),
    ),
  );
}

function outputOf(reference: string, program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const unstarted = (error: unknown): void => reject(notStarted(reference, errorCode(error)));
    let child: ChildProcess;
    try {
      // A group of its own, so that what it starts can be stopped with it.
      child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, windowsHide: true });
    } catch (error) {
      unstarted(error);
      return;
    }
    const stop = (): void => killGroup(child);
    signal.addEventListener('abort', stop, { once: true });
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= LONGEST_BYTES) return;
      reject(new ExportError('SecretUnavailable', `The command of the secret ${reference} printed more than 64 KiB.`));
      stop();
    });
    child.on('error', unstarted);
    child.on('close', (code, ended) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(failed(reference, code === null ? `was ended by ${ended ?? 'a signal'}` : `ended with code ${code}`));
    });
  });
}

function killGroup(child: ChildProcess): void {
  // What has left the group may hold the output open for ever.
  child.stdout?.destroy();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of it has ended, or there are no groups here.
    child.kill('SIGKILL');
  }
}

function notStarted(reference: string, code: string): ExportError {
  if (!notThere.includes(code)) return failed(reference, `could not be started (${code})`);
  return new ExportError(
    'SecretUnavailable',
    `The command of the secret ${reference} can not be started (${code}): name a program that is on the worker’s PATH and that it may run.`,
  );
}

/** Whether the store has said no or gave no answer can't be told from outside. */
function failed(reference: string, how: string): StoreDown {
  return new StoreDown(
    `The command of the secret ${reference} ${how}: run it by hand as the worker’s user to see what it says.`,
  );
}
