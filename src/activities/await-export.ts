import { crashPoint } from '../crash/crash-point.js';
import { ExportError } from '../model/export-error.js';
import type { FinishedJob, JobInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { endingOf } from './job-ending.js';

/** Answers when the job is finished; until then each attempt says "not yet", which holds no slot and writes no event. */
export function awaitExport(dependencies: ActivityDependencies) {
  return (input: JobInput): Promise<FinishedJob> =>
    attempt(async ({ signal }) => {
      const { clari, account } = connectionOf(dependencies, input);
      const job = await clari.job(input.jobId, signal);
      try {
        return endingOf(job, clari.now());
      } catch (error) {
        const type = error instanceof ExportError ? error.type : undefined;
        if (type === 'ExportNotReady') crashPoint('while-polling');
        if (type === 'ExportFailed') {
          // From here on an equal request makes a new job.
          await dependencies.ledger.settle(account, { exportId: input.exportId, requester: '', state: 'failed' });
        }
        throw error;
      }
    });
}
