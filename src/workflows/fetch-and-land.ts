import { log, patched } from '@temporalio/workflow';
import { limitsOf } from '../model/activity-limits.js';
import type { Change, Receipt } from '../model/receipt.js';
import type { DownloadedFile, FinishedJob, FinishedPart, StoredExport, StoreExportInput } from '../model/steps.js';
import { failed, typeOf } from './failing.js';
import { FileExpiry } from './file-expiry.js';
import { waitOf, type Run, type Started } from './run.js';

/** How many downloads a run takes where staged bytes are lost, and where the file is not whole: the second one may be. */
const MAX_DOWNLOADS = { StagingLost: 3, FileMalformed: 2 } as const;

/** What is at Clari to be landed. */
export interface Finished {
  /** Of a split export: the one that Clari truncated, as it is to stand in the receipt. */
  readonly job: FinishedJob;
  /** Null where the export is one file. Oldest first. */
  readonly parts: readonly FinishedPart[] | null;
  readonly warnings: readonly string[];
}

/** Brings the file of a finished job, or those of all parts, into the destination; downloads it again where what was staged is gone. */
export async function fetchAndLand(
  run: Run,
  started: Started,
  { job, parts, warnings: ofParts }: Finished,
  warnings: readonly string[],
): Promise<Receipt> {
  const { worker, context, request, runKey, progress } = run;
  const { exportId, jobId, asOf, scheduledAt } = started;
  const { scheduleToClose } = limitsOf(parts ? 'downloadParts' : 'downloadExport', run.connection.limits);
  const expiry = new FileExpiry(soonestToExpire(parts ?? [job]), scheduleToClose * 1000);
  for (let download = 1; ; download++) {
    try {
      progress.enter('downloading', { 'file expires': expiry.note() });
      const downloads = await fetched(run, job, parts, expiry);
      const bytes = downloads.reduce((sum, { file }) => sum + file.bytes, 0);
      progress.enter('redacting', { bytes, 'file expires': undefined });
      const redacted = await worker.do('redactExport', (calls, bounds) =>
        calls.redactExport({ ...context, runKey, downloads }, `policy ${run.connection.policy}`, bounds),
      );
      return await land(run, {
        ...context,
        runKey,
        request,
        export: { exportId, jobId, asOf },
        scheduledAt,
        job,
        downloads,
        ...(parts ? { parts } : {}),
        redacted,
        warnings: [...warnings, ...started.warnings, ...ofParts],
      });
    } catch (error) {
      const failure = typeOf(error);
      // A download is repeated at no cost, a job is not.
      if (!(failure === 'StagingLost' || failure === 'FileMalformed') || download === MAX_DOWNLOADS[failure])
        throw error;
      log.warn('The file is downloaded again', { failure });
    }
  }
}

async function fetched(
  { worker, context, runKey }: Run,
  { jobId }: FinishedJob,
  parts: readonly FinishedPart[] | null,
  expiry: FileExpiry,
): Promise<readonly DownloadedFile[]> {
  const input = { ...context, runKey };
  if (!parts) {
    const download = await worker.do('downloadExport', (calls, bounds) =>
      expiry.bound((within) => calls.downloadExport({ ...input, jobId }, `job ${jobId}`, { ...bounds, ...within })),
    );
    return [download];
  }
  const jobs = parts.map((part) => ({ type: part.type, jobId: part.jobId }));
  return worker.do('downloadParts', (calls, bounds) =>
    expiry.bound((within) =>
      calls.downloadParts({ ...input, parts: jobs }, `${jobs.length} jobs`, { ...bounds, ...within }),
    ),
  );
}

/** By it all have to be downloaded. */
function soonestToExpire([first, ...others]: readonly FinishedJob[]): FinishedJob {
  if (!first) throw failed('Unexpected', 'A split export has no parts.');
  const left = ({ expiresInMs }: FinishedJob): number => expiresInMs ?? Infinity;
  return others.reduce((soonest, job) => (left(job) < left(soonest) ? job : soonest), first);
}

/** Asks somebody before it publishes what differs much from the last snapshot. */
async function land(run: Run, landing: Omit<StoreExportInput, 'accepted'>): Promise<Receipt> {
  const { worker, progress, hold, connection } = run;
  const rows = landing.redacted.tables.reduce((sum, table) => sum + table.rows, 0);
  progress.enter('storing', { rows });
  run.landing = true;
  for (;;) {
    const { accepted } = hold;
    const stored = await worker.do('storeExport', (calls, bounds) =>
      calls.storeExport({ ...landing, accepted }, `${rows} rows${accepted ? ', accepted' : ''}`, bounds),
    );
    if (stored.outcome === 'landed') {
      run.landing = false;
      progress.enter('done', { destination: stored.receipt.destination });
      return stored.receipt;
    }
    try {
      await hold.untilAccepted(stored, waitOf(run, connection.holdSeconds * 1000));
    } catch (error) {
      const receipt = typeOf(error) === 'ExportHeld' ? await landedByAnother(run, landing, stored) : undefined;
      if (!receipt) throw error;
      run.landing = false;
      log.info('The export was accepted in another run that shares it', { load: receipt.loadId });
      progress.enter('done', { destination: receipt.destination });
      return receipt;
    }
  }
}

/** Of runs that share an export, each is held by itself: what is accepted in one of them is landed for all. */
async function landedByAnother(
  { worker }: Run,
  landing: Omit<StoreExportInput, 'accepted'>,
  { comparedWith, findings }: Change,
): Promise<Receipt | undefined> {
  // Histories of earlier versions end here.
  if (!patched('look-again-when-held-in-vain')) return undefined;
  const heldInVain = { comparedWith, findings };
  const look = (): Promise<StoredExport> =>
    worker.do('storeExport', (calls, bounds) =>
      calls.storeExport({ ...landing, accepted: null, heldInVain }, 'held in vain', bounds),
    );
  // What is staged does not matter: any worker can look.
  const stored = await look().catch((error: unknown) =>
    typeOf(error) === 'StagingLost' ? look() : Promise.reject(error as Error),
  );
  return stored.outcome === 'landed' ? stored.receipt : undefined;
}
