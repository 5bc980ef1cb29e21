import type { ApplicationFailure } from '@temporalio/common';
import { applicationFailure, ownDelayMs } from './application-failure.js';
import type { World } from './open-world.js';
import { until, type ExportHandle } from './runs.js';

/** An activity of a run that waits for its next attempt. */
export interface Pending {
  readonly activity: string;
  /** What its last attempt ended with. */
  readonly failure: ApplicationFailure;
  /** The wait that it names for itself, in milliseconds. */
  readonly ownDelayMs: number | undefined;
  /** Attempts so far; where the next one is under way, that too. */
  readonly attempts: number;
  /** Seconds from the last attempt to the next one. */
  readonly waitSeconds: number;
}

/** The first activity of a run, of that name if one is given, that has failed with `type` and will be tried again. */
export function pendingAfter(handle: ExportHandle, type: string, name?: string): Promise<Pending> {
  return until(`an attempt of ${handle.workflowId} that ends with ${type}`, async () => {
    const { raw } = await handle.describe();
    for (const { activityType, lastFailure, attempt, currentRetryInterval } of raw.pendingActivities ?? []) {
      const failure = applicationFailure(lastFailure);
      if (failure?.type !== type || (name !== undefined && activityType?.name !== name)) continue;
      return {
        activity: activityType?.name ?? '',
        failure,
        ownDelayMs: ownDelayMs(lastFailure),
        attempts: attempt ?? 0,
        waitSeconds: Number(currentRetryInterval?.seconds ?? 0),
      };
    }
    return undefined;
  });
}

/** Makes the next attempt begin now, as an operator would by `temporal activity reset`. */
export async function hurry({ client }: World, { workflowId }: ExportHandle, activity: string): Promise<void> {
  await client.workflowService.resetActivity({ namespace: 'default', execution: { workflowId }, type: activity });
}

/** What the Web UI shows as the current details of a run. */
export async function detailsOf(handle: ExportHandle): Promise<string> {
  return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
}
