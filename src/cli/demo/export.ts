import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { explainFailure } from '../../client/explain-failure.js';
import { startForecastExport } from '../../client/start-forecast-export.js';
import { stages, progressQuery, type ExportProgress } from '../../model/progress.js';
import type { Receipt } from '../../model/receipt.js';

const LOOK_MS = 200;

export interface FinishedExport {
  readonly workflowId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly receipt: Receipt;
}

/** Starts one export and says at each look where it is, with and without its figures; resolves with its receipt. */
export async function exportWithProgress(
  client: Client,
  forecastId: string,
  say: (text: string, stage: string) => void,
): Promise<FinishedExport> {
  const workflowId = `demo-${forecastId}`;
  const input = { forecastId };
  const handle = await startForecastExport(client, input, { workflowId });
  const result = handle.result().then(
    (receipt) => ({ receipt }),
    (error: unknown) => ({ error }),
  );
  for (;;) {
    const outcome = await Promise.race([result, sleep(LOOK_MS)]);
    if (!outcome) {
      const { stage, figures } = await stageOf(handle);
      say(`${forecastId}: ${stage}${figures}`, `${forecastId}: ${stage}`);
      continue;
    }
    if ('error' in outcome)
      throw new Error(`${forecastId}: ${explainFailure(outcome.error)?.message ?? String(outcome.error)}`);
    return { workflowId, input, receipt: outcome.receipt };
  }
}

/** One line of what an export came to. */
export function landed({ receipt }: FinishedExport): string {
  const rows = receipt.tables.reduce((sum, table) => sum + table.landed, 0);
  return `${receipt.request.forecastId}: landed ${rows.toLocaleString('en')} rows from ${megabytes(receipt.raw.bytes)}`;
}

async function stageOf(handle: WorkflowHandle): Promise<{ readonly stage: string; readonly figures: string }> {
  try {
    const [{ stage }, bytes] = await Promise.all([handle.query<ExportProgress>(progressQuery), bytesUnderWay(handle)]);
    return { stage: stages[stage], figures: bytes === undefined ? '' : `, ${megabytes(bytes)}` };
  } catch {
    // The run has no first task yet, or has just ended: the next look tells.
    return { stage: 'starting', figures: '' };
  }
}

/** Bytes so far, from the heartbeat of the step that is under way. */
async function bytesUnderWay(handle: WorkflowHandle): Promise<number | undefined> {
  const { raw } = await handle.describe();
  for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
    const data = heartbeatDetails?.payloads?.[0]?.data;
    const details: unknown = data ? JSON.parse(Buffer.from(data).toString('utf8')) : undefined;
    if (typeof details === 'object' && details && 'bytes' in details && typeof details.bytes === 'number')
      return details.bytes;
  }
  return undefined;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
