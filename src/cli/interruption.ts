import { constants } from 'node:os';
import { CommandError } from './command-error.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work`, which Ctrl-C and other requests to end abort instead of ending the process at once: it leaves nothing behind.
 * @throws CommandError with the shell's exit code of the signal, as the reason of the abort
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals): void =>
    controller.abort(new CommandError('Interrupted: nothing was written.', 128 + constants.signals[name]));
  for (const name of SIGNALS) process.on(name, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, abort);
  }
}
