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
  /** Makes the destinations refuse what an attempt of an ended run would still publish. */
  readonly closeRun: (runId: string) => Promise<unknown>;
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
    const state = await stateOf(sweep, leftover);
    if (state === 'needed') continue;
    try {
      // Terminated, it had no clean-up of its own. What is staged has to go also where a destination can't be told.
      if (state === 'over') await sweep.closeRun(leftover.runKey).catch(() => undefined);
      await leftover.discard();
      sweep.onSwept(leftover.runKey);
    } catch (error) {
      sweep.onStuck(leftover.runKey, reasonOf(error));
    }
  }
}

async function stateOf(sweep: Sweep, leftover: Leftover): Promise<'needed' | 'forsaken' | 'over'> {
  const { runKey, workflowId, namespace, nothingStaged, changedAt } = leftover;
  const forsakenAfter = (ms: number) => (Date.now() - changedAt > ms ? 'forsaken' : 'needed');
  // Whoever began it has died, or finds it gone and begins it once more.
  if (nothingStaged) return forsakenAfter(MINUTE_MS);
  // Nobody knows whose it is, or who does is not asked here.
  if (!workflowId || (namespace !== undefined && namespace !== sweep.namespace)) return forsakenAfter(sweep.deadlineMs);
  const isOver = await sweep.isOver(workflowId, runKey);
  if (isOver === undefined) return forsakenAfter(HOUR_MS);
  return isOver ? 'over' : 'needed';
}

/** Of an error that nobody foresaw its class alone: its message may hold anything. */
export const reasonOf = (error: unknown): string =>
  error instanceof ExportError ? error.message : error instanceof Error ? `${error.name}.` : 'An unknown error.';
