import type { Command } from 'commander';
import { ConfigurationError } from '../config/configuration-error.js';
import { failures } from '../model/failures.js';

/** Of a command line that can not be. */
export const BAD_FLAG = 2;

/** A reason that an operator can act on, with the exit code of the command. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Prints what a command answers, if it says anything, or the reason why it can not. */
export async function answered(command: () => Promise<string>): Promise<void> {
  try {
    const answer = await command();
    if (answer !== '') process.stdout.write(`${answer}\n`);
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof CommandError ? error.exitCode : failures.ConfigurationInvalid.exitCode;
  }
}

/** Ends with 2 for every command line that can not be: commander's own are 1. */
export function strict(command: Command): Command {
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : BAD_FLAG));
}
