import type { Command } from 'commander';
import { BAD_FLAG } from './command-error.js';
import { faultOf } from './fault-of.js';

/** Prints what a command answers, or the reason why it can not. */
export async function answered(command: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await command()}\n`);
  } catch (error) {
    const { message, exitCode } = faultOf(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = exitCode;
  }
}

/** Ends with 2 for every command line that can not be: commander's own are 1. */
export function strict(command: Command): Command {
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : BAD_FLAG));
}
