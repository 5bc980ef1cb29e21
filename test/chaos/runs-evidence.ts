import type { Client } from '@temporalio/client';
import type { Receipt } from '../../src/model/receipt.js';
import { checkRequest } from '../../src/model/request-check.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import type { History } from '../support/history-json.js';

/** A run of `exportForecast` as its history has it. */
export interface RunEvidence {
  readonly workflowId: string;
  readonly runId: string;
  /** As Temporal names it: COMPLETED, FAILED, … */
  readonly status: string;
  readonly request: ExportForecastRequest;
  /** Of a run that completed. */
  readonly receipt: Receipt | null;
  /** Type and message of a run that failed. */
  readonly failure: { readonly type: string; readonly message: string } | null;
  /** Epoch milliseconds; null while it runs. */
  readonly closedAt: number | null;
  /** Activities that a run waits for, with what their last attempts said. */
  readonly pending: readonly string[];
}

/** All exports that the server has. */
export async function readRuns(client: Client): Promise<readonly RunEvidence[]> {
  const runs: RunEvidence[] = [];
  const query = "WorkflowType = 'exportForecast'";
  for await (const { workflowId, runId, status, closeTime } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = await handle.fetchHistory();
    const description = (await handle.describe()).raw;
    const pending = (description.pendingActivities ?? []).map(
      ({ activityType, attempt, lastFailure }) =>
        `${activityType?.name ?? ''}, attempt ${attempt ?? 0}: ${lastFailure?.message ?? ''}`,
    );
    runs.push({
      workflowId,
      runId,
      status: status.name,
      closedAt: closeTime?.getTime() ?? null,
      pending,
      ...endOf(history),
    });
  }
  return runs;
}

function endOf({ events }: History): Pick<RunEvidence, 'request' | 'receipt' | 'failure'> {
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = checkRequest((started?.input?.payloads ?? []).map(({ data }) => parsed(data)));
  if (input.outcome !== 'good') throw new Error('A run was started with a request that is none.');
  const last = events?.at(-1);
  const result = last?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]?.data;
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  return {
    request: input.request,
    receipt: result ? (parsed(result) as Receipt) : null,
    failure: failure ? { type: failure.applicationFailureInfo?.type ?? 'none', message: failure.message ?? '' } : null,
  };
}

const parsed = (data: Uint8Array | null | undefined): unknown => JSON.parse(Buffer.from(data ?? []).toString('utf8'));
