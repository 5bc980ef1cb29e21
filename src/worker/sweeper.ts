import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Settings } from '../config/settings.js';
import type { Leftover, StagingArea } from '../staging/port.js';
import type { SharedOptions } from './workers.js';

const HOUR_MS = 60 * 60_000;

export interface SweepingOptions {
  /** Between two sweeps, in milliseconds. Default an hour. */
  readonly everyMs?: number;
  /** Told of each run whose bytes were removed. */
  readonly onSwept?: (runKey: string) => void;
}

/**
 * Discards, now and then, what runs left in staging that ended without a clean-up: terminated, reset, or lost with Temporal's
 * database. What a run may still need is never touched: Temporal is asked, and where it gives no answer nothing is done.
 * @returns ends it
 */
export function startSweeping(
  staging: StagingArea,
  { deadline }: Settings,
  { connection, namespace = 'default' }: SharedOptions,
  { everyMs = HOUR_MS, onSwept = () => undefined }: SweepingOptions = {},
): () => void {
  const client = new Client({ connection, namespace });
  const sweep = async (): Promise<void> => {
    for (const leftover of await staging.leftovers()) {
      if (!(await isOver(client, leftover, deadline * 1000))) continue;
      await leftover.discard();
      onSwept(leftover.runKey);
    }
  };
  let current: Promise<void> | undefined;
  const next = (): void => {
    // A disk or a server that fails now is tried again at the next turn; the runs themselves say what is wrong with either.
    current ??= sweep()
      .catch(() => undefined)
      .finally(() => (current = undefined));
  };
  next();
  const timer = setInterval(next, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

const ended = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'CONTINUED_AS_NEW', 'TIMED_OUT']);

async function isOver(
  client: Client,
  { runKey, workflowId, changedAt }: Leftover,
  deadlineMs: number,
): Promise<boolean> {
  // Nobody knows whose it is: no run is allowed to last for so long.
  if (!workflowId) return Date.now() - changedAt > deadlineMs;
  try {
    const { status } = await client.workflow.getHandle(workflowId, runKey).describe();
    return ended.has(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return Date.now() - changedAt > HOUR_MS;
    throw error;
  }
}
