import type { Client, WorkflowHandleWithFirstExecutionRunId, WorkflowStartOptions } from '@temporalio/client';
import { ExportError } from '../model/export-error.js';
import { checkRequest, faultySentence } from '../model/request-check.js';
import type { ExportForecastRequest } from '../model/request.js';
import { DEFAULT_TASK_QUEUE } from '../model/task-queues.js';
import type { exportForecast } from '../workflows/export-forecast.js';

/** A request as it is typed: `forecastId`, and what differs from the defaults. */
export type ExportForecastInput = Pick<ExportForecastRequest, 'forecastId'> & Partial<ExportForecastRequest>;

/** An export under way; `result()` waits for its receipt, and `explainFailure` reads what it rejects with. */
export type ForecastExportHandle = WorkflowHandleWithFirstExecutionRunId<typeof exportForecast>;

/** All that Temporal lets a start say, less what is settled here. No timeouts: they would end a run without its clean-up. */
export interface StartForecastExportOptions extends Partial<
  Omit<
    WorkflowStartOptions<typeof exportForecast>,
    'args' | 'workflowExecutionTimeout' | 'workflowRunTimeout' | 'workflowTaskTimeout' | 'retry'
  >
> {
  /** The queue of a worker that has the workflows. Default `clari`. */
  readonly taskQueue?: string;
  /** Default `export-<forecast>-<period>-<random>`. Runs that ask for the same thing share one job at Clari under any id. */
  readonly workflowId?: string;
}

/**
 * Starts an export; resolves once Temporal has it. The request is checked before anything is sent, so that a secret in it never
 * reaches a history.
 *
 * @throws ExportError `InvalidInput` with every fault; `SecretInInput`; and what the client throws, for an id in use say
 */
export async function startForecastExport(
  client: Client,
  request: ExportForecastInput,
  options: StartForecastExportOptions = {},
): Promise<ForecastExportHandle> {
  const checked = checkRequest([request]);
  if (checked.outcome === 'secret') {
    const places = checked.places.join(', ');
    throw new ExportError('SecretInInput', `What looks like a secret stands in ${places}; nothing was sent.`);
  }
  if (checked.outcome === 'faulty') throw new ExportError('InvalidInput', faultySentence(checked.faults));
  const { forecastId, timePeriod } = checked.request;
  const what = `${forecastId}-${timePeriod ?? 'current'}`;
  return client.workflow.start<typeof exportForecast>('exportForecast', {
    staticSummary: `Export of ${forecastId}, ${timePeriod ?? 'current quarter'}`,
    ...options,
    taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE,
    workflowId: options.workflowId ?? `export-${what}-${crypto.randomUUID().slice(0, 8)}`,
    args: [request],
  });
}
