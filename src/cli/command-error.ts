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
