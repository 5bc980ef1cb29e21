import { crashPoint } from '../crash/crash-point.js';
import type { SettleInput } from '../model/account.js';
import type { CancelExportInput } from '../model/steps.js';
import { connectionNamed, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';

/**
 * Cancels the job of a cancelled run, which frees quota; leaves it alone where another run waits for it or it has finished.
 * Works under any version of the configuration.
 *
 * The run is found by its id in the ledger, since one that is cancelled between POST and answer knows no job.
 */
export function cancelExport(dependencies: ActivityDependencies) {
  return (input: CancelExportInput): Promise<{ readonly cancelled: boolean }> =>
    attempt(async ({ signal }) => {
      const { clari, account } = connectionNamed(dependencies, input.connection);
      const { requester } = input;
      const found = await dependencies.ledger.find(account, { requester });
      if (!found) return { cancelled: false };
      const { exportId } = found;
      const settle = (state: SettleInput['state']): Promise<boolean> =>
        dependencies.ledger.settle(account, { exportId, requester, state });
      // Of a job whose answer was lost nothing is known but what Clari lists; where that is nothing yet, it is left alone.
      if (!found.jobId || found.others > 0) {
        await settle('cancelled');
        return { cancelled: false };
      }
      crashPoint('before-cancel');
      const outcome = await clari.cancel(found.jobId, signal);
      crashPoint('after-cancel');
      // A finished job can still be landed by another run.
      await settle(outcome === 'cancelled' ? 'cancelled' : 'ended');
      return { cancelled: outcome === 'cancelled' };
    });
}
