import type { AccountState, ClaimAnswer, ClaimInput, LedgerEntry, PostIntent } from '../../src/model/account.js';
import { claim, intend, record } from '../../src/workflows/account-ledger.js';

export const NOW = Date.parse('2027-05-03T06:00:00Z');
export const minute = 60_000;
export const hour = 60 * minute;
const empty: AccountState = { account: 'default', entries: [], lease: null, excessJobs: 0 };
export const intent: PostIntent = { knownJobIds: ['old'], knownSince: null, submitted: null, askedAt: NOW };

const asking = (requester: string, more: Partial<ClaimInput> = {}): ClaimInput => ({
  whatKey: 'what',
  forecastId: more.whatKey ?? 'what',
  requester,
  attempt: `${requester}-1`,
  scheduledAt: null,
  fresh: false,
  jobId: null,
  ...more,
});

/** The ledger as one run after another changes it. */
export class Ledger {
  state = empty;
  now = NOW;

  claim(requester: string, more: Partial<ClaimInput> = {}): ClaimAnswer {
    const [state, answer] = claim(this.state, asking(requester, more), this.now);
    this.state = state;
    return answer;
  }

  claimId(requester: string, more: Partial<ClaimInput> = {}): string {
    const answer = this.claim(requester, more);
    if (answer.action === 'wait') throw new Error('to wait was not foreseen here');
    return answer.exportId;
  }

  do<I, A>(step: (state: AccountState, input: I, now: number) => readonly [AccountState, A], input: I): A {
    const [state, answer] = step(this.state, input, this.now);
    this.state = state;
    return answer;
  }

  /** An export that has its job. */
  created(requester: string, jobId: string, more: Partial<ClaimInput> = {}): string {
    const exportId = this.claimId(requester, more);
    this.do(intend, { exportId, attempt: `${requester}-1`, intent });
    this.do(record, { exportId, jobId, excess: 0 });
    return exportId;
  }

  entry(exportId: string): LedgerEntry | undefined {
    return this.state.entries.find((one) => one.exportId === exportId);
  }
}
