import { ConfigurationError } from '../config/configuration-error.js';
import { ExportError } from '../model/export-error.js';
import { failures, type FailureType } from '../model/failures.js';
import { BAD_FLAG, CommandError } from './command-error.js';

/** What can be done about a failure here, where the failure table speaks to somebody with a run and a worker. */
const remedies: Readonly<Partial<Record<FailureType, string>>> = {
  FileMalformed: 'Get the file from Clari again: this is not a whole forecast export in JSON.',
  ValueRejected: 'A value can not be taken exactly. The place is named, the value is not.',
  CountsDisagree: 'Report it: a count that should agree does not.',
  LeakFound: 'A treated value showed up where it may not be: correct the policy for the column named.',
  PolicyRefused: 'Name another policy with --policy.',
  SecretUnavailable: 'Name where the key is kept by --key: env:NAME, file:PATH, exec:COMMAND or aws-secretsmanager:ID.',
  RedactionKeyUnusable: 'Name a key of at least 32 bytes: --key env:NAME or --key file:PATH (openssl rand -hex 32).',
  StagingUnavailable: 'Make room on the disk of the output: all the work is done beside it.',
  DestinationUnavailable: 'See that the file may be read and written, and that its disk has room.',
  DestinationBusy: 'Wait until the load has ended, or close the program that has it open.',
  Unexpected: 'This is a fault of the package or its surroundings that it does not know: report it.',
};

/** What a command says of anything that was thrown: what happened, and what to do; no stack, and no text of foreign errors. */
export function faultOf(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof ConfigurationError)
    return new CommandError(error.faults.map((fault) => `error: ${fault}`).join('\n'), BAD_FLAG);
  if (error instanceof ExportError) {
    const { remedy, exitCode } = failures[error.type];
    return new CommandError(`${error.type}: ${error.message} ${remedies[error.type] ?? remedy}`, exitCode);
  }
  const { code, syscall, name } = error as Partial<NodeJS.ErrnoException>;
  const what =
    code !== undefined && syscall !== undefined ? `${syscall} failed (${code})` : `a ${name ?? 'fault'} occurred`;
  return new CommandError(`Unexpected: ${what}. ${remedies.Unexpected ?? ''}`, failures.Unexpected.exitCode);
}
