import { WorkflowNotFoundError } from '@temporalio/client';
import { readEnvFile } from '../../config/env-file.js';
import { accountUpdates, ledgerQuery, type AccountState, type ReleaseInput } from '../../model/account.js';
import { failures } from '../../model/failures.js';
import { DEFAULT_TASK_QUEUE, taskQueues } from '../../model/task-queues.js';
import { CommandError } from '../command-error.js';
import { withTemporal } from '../temporal-client.js';

export interface AccountLedgerOfOperator {
  state(): Promise<AccountState>;
  release(input: ReleaseInput): Promise<boolean>;
}

const ANSWER_MS = 15_000;

/** Runs `work` with the ledger of an account, as Temporal's variables say where it is. */
export async function withLedger<R>(
  { account, taskQueue }: { readonly account: string; readonly taskQueue: string | undefined },
  work: (ledger: AccountLedgerOfOperator) => Promise<R>,
): Promise<R> {
  readEnvFile();
  const base = taskQueue ?? (process.env.CLARI_TASK_QUEUE || DEFAULT_TASK_QUEUE);
  const workflowId = taskQueues(base).account(account);
  return withTemporal(async (client) => {
    const handle = client.workflow.getHandle(workflowId);
    try {
      return await client.withDeadline(Date.now() + ANSWER_MS, () =>
        work({
          state: () => handle.query<AccountState>(ledgerQuery),
          release: (input) => handle.executeUpdate<boolean, [ReleaseInput]>(accountUpdates.release, { args: [input] }),
        }),
      );
    } catch (error) {
      if (error instanceof CommandError) throw error;
      if (error instanceof WorkflowNotFoundError) {
        throw new CommandError(
          `No ledger ${workflowId} in namespace ${client.options.namespace}: no export of this account has run yet, or ` +
            '--account, --task-queue or TEMPORAL_NAMESPACE is another one.',
          failures.UnknownConnection.exitCode,
        );
      }
      throw new CommandError(
        `The ledger ${workflowId} gave no answer: a worker has to run for it (${error instanceof Error ? error.name : 'unknown'}).`,
        failures.ConfigurationInvalid.exitCode,
      );
    }
  });
}
