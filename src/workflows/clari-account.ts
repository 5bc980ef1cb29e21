import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  accountUpdates,
  ledgerQuery,
  shownState,
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
import { claim, findExport, intend, line, record, release, settle } from './account-ledger.js';

/** A run takes 2,000 updates at most; an export needs some five. */
const UPDATES_PER_RUN = 500;

const claimUpdate = defineUpdate<ClaimAnswer, [ClaimInput]>(accountUpdates.claim);
const intendUpdate = defineUpdate<IntentAnswer, [IntentInput]>(accountUpdates.intend);
const recordUpdate = defineUpdate<RecordAnswer, [RecordInput]>(accountUpdates.record);
const releaseUpdate = defineUpdate<boolean, [ReleaseInput]>(accountUpdates.release);
const settleUpdate = defineUpdate<boolean, [SettleInput]>(accountUpdates.settle);
const findUpdate = defineUpdate<FindAnswer, [FindInput]>(accountUpdates.find);
const lineUpdate = defineUpdate<LineAnswer, [LineInput]>(accountUpdates.line);
const ledger = defineQuery<AccountState>(ledgerQuery);

/**
 * The always-open workflow of one account at Clari: who may create a job now, and which export has which job.
 *
 * Started by the first export that needs it (update-with-start) and never by hand. Each handler is one synchronous step, so
 * that none is in flight for longer than a workflow task.
 */
export async function clariAccount(initial: AccountState): Promise<void> {
  let state = initial;
  let updates = 0;

  const handle = <I, A>(step: (before: AccountState, input: I, now: number) => readonly [AccountState, A]) => {
    return (input: I): A => {
      const [after, answer] = step(state, input, Date.now());
      state = after;
      updates += 1;
      setCurrentDetails(describe(state));
      return answer;
    };
  };
  setHandler(claimUpdate, handle(claim), {
    description: 'Asks for the job of an export, or for the right to create it',
  });
  setHandler(intendUpdate, handle(intend), { description: 'Records that a job is about to be created' });
  setHandler(recordUpdate, handle(record), { description: 'Records the job of an export' });
  setHandler(releaseUpdate, handle(release), { description: 'Gives the right to create back' });
  setHandler(settleUpdate, handle(settle), { description: 'Records that a run is over' });
  setHandler(
    findUpdate,
    handle((before, input: FindInput, now) => [before, findExport(before, input, now)] as const),
    { description: 'Finds the export of a run' },
  );
  setHandler(lineUpdate, handle(line), { description: 'Keeps the place of a run that waits for room at Clari' });
  setHandler(ledger, () => state, { description: 'Ledger and lease' });
  setCurrentDetails(describe(state));

  // Cancelling it, by a batch over the task queue perhaps, would forget every job: it goes on.
  await CancellationScope.nonCancellable(async () => {
    await condition(() => updates >= UPDATES_PER_RUN || workflowInfo().continueAsNewSuggested);
    await condition(allHandlersFinished);
    await continueAsNew<typeof clariAccount>(state);
  });
}

/** Markdown for the Web UI. */
function describe(state: AccountState): string {
  const lease = state.lease ? `creating \`${state.lease.exportId}\`` : 'free';
  const rows = state.entries
    .slice(-20)
    .reverse()
    .map((entry) => `| \`${entry.exportId}\` | ${shownState(entry)} | ${entry.jobId ?? ''} | ${entry.active.length} |`);
  return [
    `**Account** ${state.account} · creation lease: ${lease} · jobs made in excess: ${state.excessJobs}`,
    '',
    '| export | state | Clari job | runs |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
