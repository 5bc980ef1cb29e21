import { crashPoint } from '../crash/crash-point.js';
import { ExportError } from '../model/export-error.js';
import type { FinishedJob, JobInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies, type Connection } from './dependencies.js';
import { attempt } from './guarded.js';
import { endingOf } from './job-ending.js';

/** Answers when the job is finished; until then each attempt says "not yet", which holds no slot and writes no event. */
export function awaitExport(dependencies: ActivityDependencies) {
  return (input: JobInput): Promise<FinishedJob> =>
    attempt(({ signal }) => {
      const { jobId, exportId } = input;
      const job = { jobId, exportId: () => Promise.resolve(exportId) };
      return endedJob(dependencies, connectionOf(dependencies, input), job, signal);
    });
}

/**
 * One look at a job. The ledger is told of one that ended without a result: from then on an equal request makes a new job.
 * @throws ExportError as `endingOf` does
 */
export async function endedJob(
  { ledger }: ActivityDependencies,
  { clari, account }: Connection,
  of: { readonly jobId: string; readonly exportId: () => Promise<string | undefined> },
  signal: AbortSignal,
): Promise<FinishedJob> {
  const job = await clari.job(of.jobId, signal);
  try {
    return endingOf(job, clari.now());
  } catch (error) {
    const type = error instanceof ExportError ? error.type : undefined;
    if (type === 'ExportNotReady') crashPoint('while-polling');
    if (type === 'ExportFailed') {
      const exportId = await of.exportId();
      if (exportId !== undefined) await ledger.settle(account, { exportId, requester: '', state: 'failed' });
    }
    throw error;
  }
}
