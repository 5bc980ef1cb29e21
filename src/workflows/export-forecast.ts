import { CancellationScope, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { limitsOf } from '../model/activity-limits.js';
import type { Receipt } from '../model/receipt.js';
import { checkRequest, faultySentence } from '../model/request-check.js';
import { typesAsked } from '../model/request.js';
import type { CancelledExport, DiscardStagingInput } from '../model/steps.js';
import { deadlinePassed, failed, translated, typeOf, withJob, type KeptJob } from './failing.js';
import { fetchAndLand } from './fetch-and-land.js';
import { exportParts } from './export-parts.js';
import { Progress } from './progress.js';
import { resolveConnection } from './proxies.js';
import { prepareRun, waitOf, type Run, type Started } from './run.js';
import { notWaiting, waitingFacts } from './waiting-facts.js';

/**
 * Exports one forecast for one period and lands it: one job at Clari, one snapshot in the destination, one receipt.
 *
 * @param args one JSON object, an ExportForecastRequest with only `forecastId` required; anything else fails at once with
 * every fault in one message
 * @returns the receipt, a row of `exports` too
 */
export async function exportForecast(...args: unknown[]): Promise<Receipt> {
  if (workflowInfo().cronSchedule) {
    // All its runs are one to Temporal: each would land the first one's job again.
    throw logged(
      failed('InvalidInput', 'A cron schedule of the workflow’s own is not supported: use a Temporal Schedule.'),
    );
  }
  const checked = checkRequest(args);
  if (checked.outcome === 'secret') {
    const { workflowId, namespace } = workflowInfo();
    throw logged(
      failed(
        'SecretInInput',
        `What looks like a secret stands in ${checked.places.join(', ')}; it is now in this run's history. ` +
          `(temporal workflow delete --namespace ${namespace} --workflow-id ${workflowId})`,
      ),
    );
  }
  if (checked.outcome === 'faulty') {
    throw logged(failed('InvalidInput', faultySentence(checked.faults)));
  }
  const { request, warnings } = checked;
  warnings.forEach((warning) => log.warn(warning));

  const progress = new Progress(request.forecastId, request.timePeriod);
  try {
    const connection = await resolveConnection({ connection: request.connection });
    return await withinDeadline(prepareRun(request, connection, progress), warnings);
  } catch (error) {
    progress.enter(isCancellation(error) ? 'cancelled' : 'failed');
    throw logged(translated(error));
  }
}

/** The SDK logs the failure of a run without its type, by which somebody may want to be told. */
function logged(failure: unknown): unknown {
  log.warn('The export ended without landing', { failure: typeOf(failure) ?? 'cancelled' });
  return failure;
}

/** The deadline is a timer of the workflow: an execution timeout of Temporal's would end the run without clean-up. */
async function withinDeadline(run: Run, warnings: readonly string[]): Promise<Receipt> {
  const scope = new CancellationScope({ cancellable: true, timeout: run.connection.deadline * 1000 });
  try {
    return await scope.run(() => walk(run, warnings));
  } catch (error) {
    if (isCancellation(error)) {
      run.progress.enter('cancelling');
      const { cancelled } = await cancelJob(run);
      const outOfTime = scope.consideredCancelled && !workflowCancelled();
      if (outOfTime) throw deadlinePassed(run.connection.deadline, cancelled ? undefined : jobOf(run));
    } else if (typeOf(error) === 'WrongOrganisation' || run.parts.length > 0) {
      // Made in somebody else's organisation, out of their quota; or of no use, since another type's job has failed.
      await cancelJob(run);
    }
    const job = jobOf(run);
    throw job && !isCancellation(error) ? withJob(error, job) : error;
  } finally {
    const { context, runKey, started, requester, landing } = run;
    const exportId = started?.exportId ?? null;
    const input = { ...context, runKey, exportId, requester, ...(landing ? { unlanded: true } : {}) };
    await cleanUp(() => discard(run, input));
  }
}

/** At another worker where the one that has the bytes is gone: it removes them itself when it is back. */
async function discard({ worker }: Run, input: DiscardStagingInput): Promise<void> {
  const once = (): Promise<void> =>
    worker.do('discardStaging', (calls, bounds) => calls.discardStaging(input, undefined, bounds));
  await once().catch((error: unknown) => (typeOf(error) === 'StagingLost' ? once() : Promise.reject(error as Error)));
}

function jobOf({ started, request }: Run): KeptJob | undefined {
  return started ? { jobId: started.jobId, splitIfTruncated: request.splitIfTruncated } : undefined;
}

async function cancelJob(run: Run): Promise<CancelledExport> {
  const { worker, context, requester, request, started, parts, progress } = run;
  const madeJobId = started?.origin === 'created' ? started.jobId : null;
  const input = { ...context, requester, madeJobId, request, ...(parts.length > 0 ? { parts } : {}) };
  const unknown = { cancelled: false, mayBeLeft: true };
  const outcome = (await cleanUp(() => worker.calls.cancelExport(input, 'frees the quota'))) ?? unknown;
  if (outcome.mayBeLeft)
    progress.enter('cancelling', { 'may be left at Clari': 'a job of this run: look at the exports there' });
  return outcome;
}

/** Goes on when the run is cancelled, and never hides how the run itself ended. Undefined where it was given up. */
async function cleanUp<R>(step: () => Promise<R>): Promise<R | undefined> {
  try {
    return await CancellationScope.nonCancellable(step);
  } catch (error) {
    log.warn('A clean-up was given up', { failure: typeOf(error) ?? 'Unexpected' });
    return undefined;
  }
}

function workflowCancelled(): boolean {
  return CancellationScope.current().consideredCancelled;
}

async function walk(run: Run, warnings: readonly string[]): Promise<Receipt> {
  const { context, request, progress } = run;
  const { calls } = run.worker;
  progress.enter('verifying');
  await calls.verifyAuth(context);
  progress.enter('listing');
  await calls.listForecasts({ ...context, forecastId: request.forecastId }, request.forecastId);

  const started = await startExport(run);
  const { exportId, jobId } = started;
  run.started = started;
  progress.enter('exporting', { export: exportId, 'Clari job': jobId });
  const job = await calls.awaitExport({ ...context, exportId, jobId }, `job ${jobId}`);
  if (job.truncated && request.splitIfTruncated && typesAsked(request).length > 1) {
    return fetchAndLand(run, started, await exportParts(run, started, job), warnings);
  }
  if (job.truncated && !request.allowIncomplete) {
    const alone = request.splitIfTruncated ? ', which is of one type alone and can not be split' : '';
    throw failed('ExportTruncated', `Clari truncated the result of job ${jobId}${alone}.`);
  }
  return fetchAndLand(run, started, { job, parts: null, warnings: [] }, warnings);
}

async function startExport(run: Run): Promise<Started> {
  const { context, request, requester, scheduledAt, progress } = run;
  const { calls } = run.worker;
  const { forecastId } = request;
  const input = { ...context, request, requester, scheduledAt };
  progress.enter('starting');
  const started = await calls.startExport({ ...input, waited: false }, forecastId);
  if (started.outcome === 'started') return started;

  const { outcome, ...shortage } = started;
  const { scheduleToClose } = limitsOf('awaitCapacity', run.connection.limits);
  // Temporal takes 0 for no bound.
  const within = Math.max(waitOf(run, scheduleToClose * 1000), 1);
  const givenUpAt = Date.now() + within;
  progress.enter('waiting for capacity', waitingFacts(shortage, givenUpAt));
  const reason = `${shortage.limit} limit reached`;
  await calls.awaitCapacity({ ...context, requester, shortage }, reason, { withinMs: within });
  progress.enter('starting', notWaiting);
  // Others may take the room that was found: it goes on waiting there, which writes no event.
  const own = limitsOf('startExport', run.connection.limits).scheduleToClose * 1000;
  const withinMs = Math.max(own, givenUpAt - Date.now());
  const waited = await calls.startExport({ ...input, waited: true }, forecastId, { withinMs });
  if (waited.outcome === 'started') return waited;
  throw failed('Unexpected', `startExport answered ${outcome} to a run that had waited.`);
}
