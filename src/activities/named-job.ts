import type { ClaimInput } from '../model/account.js';
import { ExportError } from '../model/export-error.js';
import type { ExportForecastRequest } from '../model/request.js';
import type { Connection } from './dependencies.js';
import { resemblance } from './job-identity.js';

/**
 * What the ledger is to know of the job that a request names; nothing where it names none.
 * @throws ExportError `RequestRefused` for a job that tells of another forecast or period, which would land under this request's name
 */
export async function namedJob(
  { clari, account, destination }: Connection,
  request: ExportForecastRequest,
  signal: AbortSignal,
): Promise<Pick<ClaimInput, 'landedAs' | 'jobStartedAt'>> {
  const { jobId } = request;
  if (jobId === null) return {};
  const job = await clari.job(jobId, signal);
  if (resemblance(job, request) === 'same') {
    const landed = await destination.landed({ account, exportIds: [], jobIds: [jobId] });
    const split = landed.find((one) => one.jobId !== jobId);
    // Under that export's id it would take the place of the whole.
    if (split) throw onePartOf(split.exportId, jobId);
    return { landedAs: landed.at(-1), jobStartedAt: job.startTime };
  }
  throw new ExportError(
    'RequestRefused',
    `Job ${jobId} is not of forecast ${request.forecastId} and the period or currency that was asked for.`,
  );
}

/** Landed alone, one type would be taken for the newest state of all. */
export function onePartOf(exportId: string, jobId: string): ExportError {
  return new ExportError(
    'RequestRefused',
    `Job ${jobId} holds one type of the export ${exportId}, which was split: name the job that Clari truncated, with splitIfTruncated.`,
  );
}
