import { log } from '@temporalio/activity';
import { crashPoint } from '../crash/crash-point.js';
import type { FindAnswer } from '../model/account.js';
import { ExportError } from '../model/export-error.js';
import { partRequest, partRequester } from '../model/split.js';
import type { CancelExportInput, CancelledExport } from '../model/steps.js';
import { connectionNamed, type ActivityDependencies, type Connection } from './dependencies.js';
import { forgetGone } from './gone-runs.js';
import { attempt } from './guarded.js';
import { lostJob } from './lost-job.js';

/**
 * Cancels the job of a cancelled run, which frees quota; leaves it alone where another run waits for it or it has finished.
 * Works under any version of the configuration.
 *
 * The run is found by its id in the ledger, since one that is cancelled between POST and answer knows no job: that job is looked
 * for first. Where the ledger knows nothing of the run any more, the job that the run itself has made is cancelled, as long as no
 * other run has it.
 */
export function cancelExport(dependencies: ActivityDependencies) {
  return (input: CancelExportInput): Promise<CancelledExport> =>
    attempt(async ({ signal }) => {
      const connection = connectionNamed(dependencies, input.connection);
      const { requester, request, madeJobId, parts = [] } = input;
      const ofParts = parts.map((type) => ({
        requester: partRequester(requester, type),
        request: partRequest(request, type),
        madeJobId: null,
      }));
      let whole = none;
      // A job that the request names was made by somebody else, in Clari itself perhaps: only what the run made is cancelled.
      const own = request.jobId === null ? [{ requester, request, madeJobId }] : [];
      for (const wanted of [...ofParts, ...own]) {
        const { cancelled, mayBeLeft } = await cancelOne(dependencies, connection, wanted, signal);
        whole = { cancelled: whole.cancelled || cancelled, mayBeLeft: whole.mayBeLeft || mayBeLeft };
      }
      return whole;
    });
}

type ToCancel = Pick<CancelExportInput, 'requester' | 'request' | 'madeJobId'>;

/** In place of an id, which has digits. */
const UNKNOWN = 'unknown';
const none: CancelledExport = { cancelled: false, mayBeLeft: false };

async function cancelOne(
  dependencies: ActivityDependencies,
  connection: Connection,
  wanted: ToCancel,
  signal: AbortSignal,
): Promise<CancelledExport> {
  const { clari, account } = connection;
  const { ledger } = dependencies;
  const { madeJobId } = wanted;
  const found = await ledger.find(account, { requester: wanted.requester, jobId: madeJobId });
  if (!found) {
    if (madeJobId === null) return none;
    return { ...none, cancelled: (await clari.cancel(madeJobId, signal)) === 'cancelled' };
  }
  const { exportId } = found;
  // A run that has left it already, before this attempt perhaps, has no say in it as itself.
  const requester = found.takesPart ? wanted.requester : '';
  await forgetGone(ledger, account, found, found.others);
  // Before the call to Clari: from here on nobody joins a job that is about to be cancelled.
  const mayCancel = await ledger.settle(account, { exportId, requester, state: 'cancelled' });
  if (!mayCancel) return none;
  const jobId = found.jobId ?? (await searched(dependencies, connection, found, wanted, signal));
  if (jobId === UNKNOWN) return { ...none, mayBeLeft: true };
  if (jobId === undefined) return none;
  crashPoint('before-cancel');
  const outcome = await clari.cancel(jobId, signal);
  crashPoint('after-cancel');
  // A finished job can still be landed by another run.
  if (outcome === 'finished') await ledger.settle(account, { exportId, requester, state: 'kept' });
  return { ...none, cancelled: outcome === 'cancelled' };
}

/** The job that a POST of unknown outcome has made; undefined where none was, UNKNOWN where nobody can tell. */
async function searched(
  dependencies: ActivityDependencies,
  connection: Connection,
  { exportId, intent, waitedMs, takenJobIds }: NonNullable<FindAnswer>,
  { request }: ToCancel,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!intent) return undefined;
  try {
    const adopted = await lostJob(dependencies, connection, { request, intent, waitedMs, takenJobIds }, signal);
    if (!adopted) return undefined;
    const { jobId, excess } = adopted;
    // Known from now on, should this attempt die before it has cancelled.
    await dependencies.ledger.record(connection.account, { exportId, jobId, excess: excess.length });
    return jobId;
  } catch (error) {
    if (!(error instanceof ExportError && error.type === 'CreateOutcomeUnknown')) throw error;
    log.warn('Whether a cancelled run has a job at Clari could not be found out', { failure: error.message });
    return UNKNOWN;
  }
}
