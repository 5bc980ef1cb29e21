import { ExportError } from '../../src/model/export-error.js';

/** The error that work ends with, which has to be one of ours. */
export async function failing(work: Promise<unknown>): Promise<ExportError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ExportError) return error;
  throw new Error('it was to fail with an ExportError');
}
