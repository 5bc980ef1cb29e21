import { crashPoint } from '../crash/crash-point.js';
import type { DiscardStagingInput } from '../model/steps.js';
import { closeRun } from './close-run.js';
import { connectionNamed, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { stagingOf } from './staging-of.js';

/** Ends what the run may land, removes its bytes, and ends its part in the ledger. Works under any version of the configuration. */
export function discardStaging(dependencies: ActivityDependencies) {
  return (input: DiscardStagingInput): Promise<void> =>
    attempt(async () => {
      crashPoint('before-discard');
      const connection = connectionNamed(dependencies, input.connection);
      if (input.unlanded) await closeRun(connection.destination);
      await stagingOf(dependencies, connection, input).discard();
      const { account } = connection;
      const { requester } = input;
      const { ledger } = dependencies;
      // A run that never got as far as its job may still hold the lease, for which others would wait.
      const exportId = input.exportId ?? (await ledger.find(account, { requester }))?.exportId;
      if (exportId !== undefined) await ledger.settle(account, { exportId, requester, state: 'ended' });
    });
}
