import type { World } from './open-world.js';
import { until, type ExportHandle } from './runs.js';

/** An activity of a run that waits for its next attempt. */
export interface Pending {
  readonly activity: string;
  /** Type of what its last attempt ended with. */
  readonly failure: string;
  readonly message: string;
  /** Seconds from the last attempt to the next one. */
  readonly waitSeconds: number;
}

/** The first activity of a run that has failed with `type` and will be tried again. */
export function pendingAfter(handle: ExportHandle, type: string): Promise<Pending> {
  return until(`an attempt of ${handle.workflowId} that ends with ${type}`, async () => {
    const { raw } = await handle.describe();
    for (const { activityType, lastFailure, currentRetryInterval } of raw.pendingActivities ?? []) {
      const failure = lastFailure?.applicationFailureInfo?.type ?? '';
      if (failure !== type) continue;
      return {
        activity: activityType?.name ?? '',
        failure,
        message: lastFailure?.message ?? '',
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
