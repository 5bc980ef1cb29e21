import { ExportError } from '../model/export-error.js';
import type { Leftover, StagingArea } from '../staging/port.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface Sweep {
  readonly staging: Pick<StagingArea, 'leftovers'>;
  /** Temporal is asked about the runs of this namespace alone. */
  readonly namespace: string;
  /** No run is allowed to last for so long. */
  readonly deadlineMs: number;
  /** Undefined where Temporal knows no such run. */
  readonly isOver: (workflowId: string, runId: string) => Promise<boolean | undefined>;
  /** Told of each run whose bytes were removed. */
  readonly onSwept: (runKey: string) => void;
  /** Told of each run whose bytes can not be removed, and why, in a sentence without paths. */
  readonly onStuck: (runKey: string, why: string) => void;
}

/**
 * Discards what ended runs have left in staging. What a run may still need is never touched.
 * @throws what the listing of leftovers or the question about a run gives: then nothing more is done
 */
export async function sweepOnce(sweep: Sweep): Promise<void> {
  for (const leftover of await sweep.staging.leftovers()) {
    if (!(await mayGo(sweep, leftover))) continue;
    try {
      await leftover.discard();
      sweep.onSwept(leftover.runKey);
    } catch (error) {
      sweep.onStuck(leftover.runKey, reasonOf(error));
    }
  }
}

async function mayGo(sweep: Sweep, leftover: Leftover): Promise<boolean> {
  const { runKey, workflowId, namespace, nothingStaged, changedAt } = leftover;
  const quietMs = Date.now() - changedAt;
  // Whoever began it has died, or finds it gone and begins it once more.
  if (nothingStaged) return quietMs > MINUTE_MS;
  // Nobody knows whose it is, or who does is not asked here.
  if (!workflowId || (namespace !== undefined && namespace !== sweep.namespace)) return quietMs > sweep.deadlineMs;
  return (await sweep.isOver(workflowId, runKey)) ?? quietMs > HOUR_MS;
}

/** Of an error that nobody foresaw its class alone: its message may hold anything. */
export const reasonOf = (error: unknown): string =>
  error instanceof ExportError ? error.message : error instanceof Error ? `${error.name}.` : 'An unknown error.';
