import { leaseLookMs } from '../../src/model/lease-wait.js';
import { intend, record, settle } from '../../src/workflows/account-ledger.js';
import { intent, type Ledger } from './ledger.js';

interface Run {
  readonly requester: string;
  /** When it asks the ledger next. */
  at: number;
  stage: 'claim' | 'intend' | 'record';
  exportId: string;
}

/** What a run takes from one step to the next, and the calls to an account that a deployment makes: one in so many milliseconds. */
const STEP_MS = 300;
const CALL_MS = 100;

/**
 * Lets so many runs of different exports ask for their jobs at once, each coming back when it is told to, or later where too many do.
 * @returns how long each waited for its job, in milliseconds, in the order of the jobs; those that had none within `withinMs` are missing
 */
export function crowd(ledger: Ledger, runs: number, withinMs: number): number[] {
  const start = ledger.now;
  const waiting = Array.from({ length: runs }, (_, number): Run => {
    const requester = `export-forecast-${number}/0199aaaa-bbbb-cccc-dddd-${String(number).padStart(12, '0')}`;
    return { requester, at: start + number, stage: 'claim', exportId: '' };
  });
  const waited: number[] = [];
  let nextCall = start;
  while (waiting.length > 0) {
    const run = waiting.reduce((one, other) => (other.at < one.at ? other : one));
    ledger.now = run.stage === 'claim' ? Math.max(run.at, nextCall) : run.at;
    if (ledger.now - start > withinMs) break;
    const { requester, exportId } = run;
    run.at = ledger.now + STEP_MS;
    switch (run.stage) {
      case 'claim': {
        nextCall = ledger.now + CALL_MS;
        const answer = ledger.claim(requester, { whatKey: requester });
        if (answer.action === 'wait') run.at = ledger.now + leaseLookMs(answer.ahead, answer.heldForMs);
        else Object.assign(run, { stage: 'intend', exportId: answer.exportId });
        break;
      }
      case 'intend': {
        const answer = ledger.do(intend, { exportId, attempt: `${requester}-1`, intent });
        run.stage = answer === 'acknowledged' ? 'record' : 'claim';
        break;
      }
      case 'record':
        ledger.do(record, { exportId, jobId: `job-of-${requester}` });
        ledger.do(settle, { exportId, requester, state: 'ended' });
        waited.push(ledger.now - start);
        waiting.splice(waiting.indexOf(run), 1);
    }
  }
  return waited;
}
