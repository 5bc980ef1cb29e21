import type { ClaimAnswer } from '../model/account.js';
import { ExportError } from '../model/export-error.js';
import type { ExportForecastRequest } from '../model/request.js';
import type { Connection } from './dependencies.js';
import { resemblance } from './job-identity.js';
import { jobsIfListed } from './reconcile.js';
import { addedSince } from './submitted-jobs.js';

/** A job that began longer ago than this is not waited for by any run. */
const RECENT_MS = 48 * 60 * 60_000;

/**
 * The job of an export that the ledger does not know, since it was lost with Temporal's database or is older than its entries.
 *
 * @returns the job under which this very export has landed; undefined where none has
 * @throws ExportError `CreateOutcomeUnknown` when Clari has a job like it that has not landed and was there before the ledger: that
 * of a run that is lost, or one that somebody made by hand; a person may want to land it
 */
export async function forgottenJob(
  { clari, destination, account }: Connection,
  request: ExportForecastRequest,
  { exportId, takenJobIds, foundJobs }: Extract<ClaimAnswer, { action: 'post' }>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const since = clari.now() - RECENT_MS;
  const similar = ((await jobsIfListed(clari, signal)) ?? []).filter(
    (job) =>
      resemblance(job, request) === 'same' &&
      !takenJobIds.includes(job.jobId) &&
      !['failed', 'cancelled', 'aborted'].includes(job.state) &&
      (job.startTime ?? since) > since,
  );
  const exports = await destination.landed({
    account,
    exportIds: [exportId],
    jobIds: similar.map(({ jobId }) => jobId),
  });
  const landed = exports.find((one) => one.exportId === exportId);
  if (landed) return landed.jobId;
  const unlanded = similar
    .map(({ jobId }) => jobId)
    .filter((jobId) => exports.every((one) => one.jobId !== jobId && !one.partJobIds.includes(jobId)));
  // What the ledger saw come is of no export that it forgot: the second job of a request delivered twice must not keep others.
  const added = new Set(foundJobs && addedSince(foundJobs, unlanded));
  const lost = unlanded.filter((jobId) => !added.has(jobId));
  if (lost.length === 0) return undefined;
  const ids = lost.slice(0, 5);
  throw new ExportError(
    'CreateOutcomeUnknown',
    `The ledger of account ${account} knows no export like this one, and Clari has jobs like it that have not landed: ${ids.join(', ')}.`,
  );
}
