import { log } from '@temporalio/workflow';
import type { Receipt } from '../model/receipt.js';
import type { FinishedJob, StartedExport, StoreExportInput } from '../model/steps.js';
import { typeOf } from './failing.js';
import type { FileExpiry } from './file-expiry.js';
import { waitOf, type Run } from './run.js';

/** How many downloads a run takes where staged bytes are lost, and where the file is not whole: the second one may be. */
const MAX_DOWNLOADS = { StagingLost: 3, FileMalformed: 2 } as const;

/** Brings the file of a finished job into the destination; downloads it again where what was staged is gone. */
export async function fetchAndLand(
  run: Run,
  started: Extract<StartedExport, { outcome: 'started' }>,
  { job, expiry }: { readonly job: FinishedJob; readonly expiry: FileExpiry },
  warnings: readonly string[],
): Promise<Receipt> {
  const { worker, context, request, runKey, progress } = run;
  const { exportId, jobId, asOf, scheduledAt } = started;
  for (let download = 1; ; download++) {
    try {
      progress.enter('downloading', { 'file expires': expiry.note() });
      const downloaded = await worker.do('downloadExport', (calls, bounds) =>
        expiry.bound((within) =>
          calls.downloadExport({ ...context, runKey, jobId }, `job ${jobId}`, { ...bounds, ...within }),
        ),
      );
      progress.enter('redacting', { bytes: downloaded.file.bytes, 'file expires': undefined });
      const redacted = await worker.do('redactExport', (calls, bounds) =>
        calls.redactExport({ ...context, runKey, download: downloaded }, `policy ${run.connection.policy}`, bounds),
      );
      return await land(run, {
        ...context,
        runKey,
        request,
        export: { exportId, jobId, asOf },
        scheduledAt,
        job,
        download: downloaded,
        redacted,
        warnings: [...warnings, ...started.warnings],
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

/** Asks somebody before it publishes what differs much from the last snapshot. */
async function land(run: Run, landing: Omit<StoreExportInput, 'accepted'>): Promise<Receipt> {
  const { worker, progress, hold, connection } = run;
  const rows = landing.redacted.tables.reduce((sum, table) => sum + table.rows, 0);
  progress.enter('storing', { rows });
  for (;;) {
    const { accepted } = hold;
    const stored = await worker.do('storeExport', (calls, bounds) =>
      calls.storeExport({ ...landing, accepted }, `${rows} rows${accepted ? ', accepted' : ''}`, bounds),
    );
    if (stored.outcome === 'landed') {
      progress.enter('done', { destination: stored.receipt.destination });
      return stored.receipt;
    }
    await hold.untilAccepted(stored, waitOf(run, connection.holdSeconds * 1000));
  }
}
