import { typesAsked } from '../model/request.js';
import type { FinishedJob } from '../model/steps.js';
import { failed } from './failing.js';
import type { Finished } from './fetch-and-land.js';
import type { Run, Started } from './run.js';

/**
 * Has each type of a truncated export exported by itself.
 * @throws ApplicationFailure `ExportTruncated` where Clari truncates one of them too, and the request does not allow that
 */
export async function exportParts(run: Run, { exportId, jobId }: Started, job: FinishedJob): Promise<Finished> {
  const { worker, context, request, requester, scheduledAt, progress } = run;
  const types = typesAsked(request);
  progress.enter('splitting', { types: types.length });
  run.parts = types;
  const input = { ...context, request, requester, scheduledAt, exportId };
  const { parts, warnings } = await worker.calls.exportParts(input, `${types.length} types of ${exportId}`);
  run.parts = [];
  const cut = parts.filter(({ truncated }) => truncated);
  if (cut.length > 0 && !request.allowIncomplete) {
    const named = cut.map((part) => `${part.type} (job ${part.jobId})`).join(', ');
    throw failed('ExportTruncated', `Clari truncated the result of job ${jobId}, and by themselves ${named} too.`);
  }
  const capturedAt = parts[0]?.capturedAt ?? job.capturedAt;
  return { job: { ...job, capturedAt, truncated: cut.length > 0 }, parts, warnings };
}
