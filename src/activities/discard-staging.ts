import { crashPoint } from '../crash/crash-point.js';
import type { DiscardStagingInput } from '../model/steps.js';
import { connectionNamed, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';

/** Removes the run's bytes and ends its part in the ledger. Works under any version of the configuration. */
export function discardStaging(dependencies: ActivityDependencies) {
  return (input: DiscardStagingInput): Promise<void> =>
    attempt(async () => {
      crashPoint('before-discard');
      await dependencies.staging.run(input.runKey).discard();
      if (input.exportId === null) return;
      const { account } = connectionNamed(dependencies, input.connection);
      await dependencies.ledger.settle(account, {
        exportId: input.exportId,
        requester: input.requester,
        state: 'ended',
      });
    });
}
