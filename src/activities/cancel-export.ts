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
      if (!found?.jobId || found.others > 0) {
        // A posting without an answer stays in the ledger: the next equal export reconciles it and uses its job.
        if (found && found.state !== 'posting')
          await dependencies.ledger.settle(account, { exportId: found.exportId, requester, state: 'cancelled' });
        return { cancelled: false };
      }
      const outcome = await clari.cancel(found.jobId, signal);
      // A finished job can still be landed by another run.
      const state = outcome === 'cancelled' ? 'cancelled' : 'ended';
      await dependencies.ledger.settle(account, { exportId: found.exportId, requester, state });
      return { cancelled: outcome === 'cancelled' };
    });
}
