import { Context } from '@temporalio/activity';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import {
  accountUpdates,
  accountWorkflowType,
  type AccountState,
  type ClaimAnswer,
  type ClaimInput,
  type FindAnswer,
  type FindInput,
  type IntentAnswer,
  type IntentInput,
  type LineAnswer,
  type LineInput,
  type RecordAnswer,
  type RecordInput,
  type ReleaseInput,
  type SettleInput,
} from '../model/account.js';
import { runOf } from '../model/split.js';
import type { TaskQueues } from '../model/task-queues.js';
import { ledgerTrouble } from './ledger-trouble.js';
import { Turnstile } from './turnstile.js';

/**
 * The ledger of an account, as activities talk to it: each call is one short update of `clariAccount`, started if need be.
 * Each throws ExportError `LedgerUnavailable`.
 */
export interface AccountLedger {
  claim(account: string, input: ClaimInput): Promise<ClaimAnswer>;
  intend(account: string, input: IntentInput): Promise<IntentAnswer>;
  record(account: string, input: RecordInput): Promise<RecordAnswer>;
  release(account: string, input: ReleaseInput): Promise<boolean>;
  settle(account: string, input: SettleInput): Promise<boolean>;
  find(account: string, input: FindInput): Promise<FindAnswer>;
  line(account: string, input: LineInput): Promise<LineAnswer>;
  /** Whether a run goes on, as far as Temporal can tell. @param requester as in StartExportInput */
  isUnderWay(requester: string): Promise<boolean>;
}

/** Without a deadline a call hangs for as long as no worker polls the workflow queue. */
const CALL_MS = 30_000;

/**
 * The ledgers of one deployment: those that share the base name of their queues share the ledger of an account. For activities
 * alone: who waits for its turn gives up when its activity is cancelled.
 */
export function createAccountLedger(client: Client, queues: TaskQueues): AccountLedger {
  const turnstiles = new Map<string, Turnstile>();
  // Of more than ten updates in flight the server refuses one, and forgets all the others with it: runs that all try again would
  // never get an answer.
  const inTurn = <A>(account: string, work: () => Promise<A>): Promise<A> => {
    const turnstile = turnstiles.get(account) ?? new Turnstile();
    turnstiles.set(account, turnstile);
    return turnstile.pass(Context.current().cancellationSignal, work);
  };
  const call =
    <A>(update: string) =>
    (account: string, input: unknown): Promise<A> =>
      inTurn(account, () => send<A>(update, account, input));
  const send = async <A>(update: string, account: string, input: unknown): Promise<A> => {
    const empty: AccountState = { account, entries: [], lease: null, excessJobs: 0 };
    const workflowId = queues.account(account);
    const startWorkflowOperation = new WithStartWorkflowOperation(accountWorkflowType, {
      workflowId,
      taskQueue: queues.workflows,
      args: [empty],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Ledger and creation lease of account ${account}`,
    });
    try {
      return await client.withDeadline(Date.now() + CALL_MS, () =>
        client.workflow.executeUpdateWithStart<Workflow, A, [unknown]>(update, {
          args: [input],
          startWorkflowOperation,
        }),
      );
    } catch (error) {
      throw ledgerTrouble(error, workflowId);
    }
  };
  return {
    claim: call(accountUpdates.claim),
    intend: call(accountUpdates.intend),
    record: call(accountUpdates.record),
    release: call(accountUpdates.release),
    settle: call(accountUpdates.settle),
    find: call(accountUpdates.find),
    line: call(accountUpdates.line),
    async isUnderWay(requester) {
      const { workflowId, firstRunId } = runOf(requester);
      try {
        const { status, raw } = await client.workflow.getHandle(workflowId).describe();
        const sameRun = (raw.workflowExecutionInfo?.firstRunId ?? firstRunId) === firstRunId;
        return sameRun && status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw ledgerTrouble(error, workflowId);
      }
    },
  };
}
