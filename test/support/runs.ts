import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { progressQuery, type ExportProgress, type ExportStage } from '../../src/model/progress.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import type { Receipt } from '../../src/model/receipt.js';
import type { World } from './open-world.js';

export type ExportHandle = WorkflowHandleWithFirstExecutionRunId<(input: unknown) => Promise<Receipt>>;

/** Starts an export and does not wait for it. */
export function start(world: World, request: Partial<ExportForecastRequest>, name = 'export'): Promise<ExportHandle> {
  return world.client.workflow.start<(input: unknown) => Promise<Receipt>>('exportForecast', {
    taskQueue: world.taskQueue,
    workflowId: world.id(name),
    args: [request],
  });
}

/** Resets a run, the latest of its id unless `runId` says another, to the end of its first workflow task. */
export async function reset(client: Client, workflowId: string, runId?: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const task = events?.find(({ workflowTaskCompletedEventAttributes: done }) => done);
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, ...(runId === undefined ? {} : { runId }) },
    workflowTaskFinishEventId: task?.eventId ?? null,
    requestId: randomUUID(),
    reason: 'a test of the reset',
  });
}

const PATIENCE_MS = 180_000;
const LOOK_MS = 100;

/** Looks again and again until `look` gives something: for what nobody tells of. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within three minutes`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** What a run shows of itself once it has entered a stage. */
export function stage(handle: ExportHandle, wanted: ExportStage): Promise<ExportProgress> {
  return until(`stage ${wanted} of ${handle.workflowId}`, async () => {
    const progress = await handle.query<ExportProgress>(progressQuery);
    return progress.stage === wanted ? progress : undefined;
  });
}

/** Clari's id of the job that a run waits for, once it does. */
export async function jobOf(run: ExportHandle): Promise<string> {
  return String((await stage(run, 'exporting')).facts['Clari job']);
}

/** Type and message of the failure that a run ends with; fails the test where it ends otherwise. */
export async function failureOf(run: Promise<unknown>): Promise<{ type: string; message: string }> {
  const error = await run.then(
    () => new Error('The run was to fail, and did not.'),
    (reason: unknown) => reason,
  );
  if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) {
    return { type: error.cause.type ?? '', message: error.cause.message };
  }
  throw error;
}

/** How a run ended, as Temporal says it. */
export async function ending(client: Client, handle: ExportHandle): Promise<string> {
  await handle.result().catch(() => undefined);
  return (await client.workflow.getHandle(handle.workflowId).describe()).status.name;
}
