import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Settings } from '../config/settings.js';
import type { Destination } from '../destinations/port.js';
import type { Parts } from './parts.js';
import { reasonOf, sweepOnce } from './sweep.js';
import type { SharedOptions } from './workers.js';

const HOUR_MS = 60 * 60_000;

export interface SweepingOptions {
  /** Between two sweeps, in milliseconds. Default an hour. */
  readonly everyMs?: number;
  /** Told of each run whose bytes were removed. */
  readonly onSwept?: (runKey: string) => void;
  /** Told once, as long as it stays so, why the bytes of a run can not be removed, or where none is named, why nothing can. */
  readonly onStuck: (why: string, runKey?: string) => void;
}

/** Where ended runs may have left something, or may still publish something. */
interface SweptParts {
  readonly staging: Pick<Parts['staging'], 'leftovers'>;
  readonly connections: readonly { readonly destination: Pick<Destination, 'closeRun'> }[];
}

export const stuckMessage = (why: string): string => `What ended runs have left in staging can not be removed: ${why}`;

/**
 * Discards, now and then, what runs left in staging that ended without a clean-up: terminated, reset, or lost with Temporal's
 * database. What a run may still need is never touched: Temporal is asked, and where it gives no answer nothing is done. What
 * runs of other namespaces left, about which it can't be asked here, goes when it is older than any run may be.
 * @returns ends it
 */
export function startSweeping(
  { staging, connections }: SweptParts,
  { deadline }: Pick<Settings, 'deadline'>,
  { connection, namespace = 'default' }: Pick<SharedOptions, 'connection' | 'namespace'>,
  { everyMs = HOUR_MS, onSwept = () => undefined, onStuck }: SweepingOptions,
): () => void {
  const destinations = [...new Set(connections.map(({ destination }) => destination))];
  const client = new Client({ connection, namespace });
  let told = new Set<string>();
  const sweep = async (): Promise<void> => {
    const stuck = new Set<string>();
    const tell = (why: string, runKey?: string): void => {
      const what = JSON.stringify([runKey, why]);
      stuck.add(what);
      if (!told.has(what)) onStuck(why, runKey);
    };
    const deadlineMs = deadline * 1000;
    const isOver = (workflowId: string, runId: string) => isRunOver(client, workflowId, runId);
    // A disk or a server that fails now is tried again at the next turn.
    await sweepOnce({
      ...{ staging, namespace, deadlineMs, isOver, onSwept },
      closeRun: (runId) => Promise.all(destinations.map((destination) => destination.closeRun(runId))),
      onStuck: (runKey, why) => tell(why, runKey),
    }).catch((error: unknown) => tell(reasonOf(error)));
    told = stuck;
  };
  let current: Promise<void> | undefined;
  const next = (): void => {
    current ??= sweep().finally(() => (current = undefined));
  };
  next();
  const timer = setInterval(next, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

const ended = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'CONTINUED_AS_NEW', 'TIMED_OUT']);

async function isRunOver(client: Client, workflowId: string, runId: string): Promise<boolean | undefined> {
  try {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    return ended.has(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
