import type { ResolvedConnection } from '../model/steps.js';
import { connectionNamed, type ActivityDependencies } from './dependencies.js';
import { failureOf } from './guarded.js';

/** Looks a connection up: which queues its steps run on, under which version of the configuration. A local activity: no network. */
export function resolveConnection(dependencies: ActivityDependencies) {
  return (input: { readonly connection: string }): Promise<ResolvedConnection> => {
    try {
      const { name, account, environment, policy, configDigest, hold } = connectionNamed(
        dependencies,
        input.connection,
      );
      const { queues, staging, limits, deadline } = dependencies;
      return Promise.resolve({
        connection: name,
        configDigest,
        account,
        environment,
        policy,
        accountQueue: queues.account(account),
        stagingQueue: queues.staging(staging.id),
        limits,
        deadline,
        holdSeconds: hold.seconds,
      });
    } catch (error) {
      return Promise.reject(failureOf(error));
    }
  };
}
