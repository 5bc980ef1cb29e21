import { isFailureType, type FailureType } from '../../src/model/failures.js';
import { whatOf, type JobEvidence } from './clari-evidence.js';
import type { Evidence, Violation } from './evidence.js';
import { partsAsked } from './parts.js';

/** A run whose file is damaged downloads it once more. */
const DOWNLOADS = 2;

/** How much later than its intent a POST may leave, and how long its answer may take, in milliseconds. */
const POSTING_MS = 30_000;

/** How a run may fail under the faults of a plan, and what must be so of the jobs of what it asked for. */
const foreseen: Partial<Record<FailureType, (asked: readonly JobEvidence[], evidence: Evidence) => boolean>> = {
  ExportFailed: (asked) => asked.some(({ state }) => ['failed', 'cancelled', 'aborted'].includes(state)),
  ExportTruncated: (asked) => asked.some(({ truncated }) => truncated),
  FileMalformed: (asked) => asked.some(({ damaged }) => damaged >= DOWNLOADS),
  CreateOutcomeUnknown: (_asked, evidence) => wasUnknowable(evidence),
};

/** Whether something came between each lost POST and its answer, as far as the ledger still knows of one. */
function wasUnknowable({ ledger, clari, disturbed }: Evidence): boolean {
  const lost = ledger.entries.flatMap(({ jobId, intendedAt }) => (jobId === null && intendedAt ? [intendedAt] : []));
  const troubles = [...disturbed, ...clari.unansweredPosts.map((at) => ({ from: at, to: at }))];
  return (
    lost.length > 0 &&
    lost.every((at) => troubles.some(({ from, to }) => from <= at + POSTING_MS && to >= at - POSTING_MS))
  );
}

/** Every run has ended, and as somebody or a fault made it end. */
export function checkRuns(evidence: Evidence): Violation[] {
  const { clari, runs, interventions } = evidence;
  const met = (workflowId: string, ...ways: string[]): boolean =>
    interventions.some((one) => one.workflowId === workflowId && ways.includes(one.does));
  return runs.flatMap((run): Violation[] => {
    const { workflowId, runId, status, failure, pending } = run;
    const lookAt = [`workflow ${workflowId}`, `run ${runId}`, ...pending];
    const broken = (rule: string, what: string): Violation[] => [{ rule, what, lookAt }];
    switch (status) {
      case 'COMPLETED':
        return [];
      case 'CANCELLED':
        return met(workflowId, 'cancel') ? [] : broken('a run ends as it was told to', 'nobody cancelled it');
      case 'TERMINATED':
        return met(workflowId, 'terminate', 'reset') ? [] : broken('a run ends as it was told to', 'nobody ended it');
      case 'FAILED': {
        const { type, message } = failure ?? { type: 'none', message: '' };
        const wanted = [whatOf(run.request), ...partsAsked(run.request)];
        const asked = clari.jobs.filter((job) => wanted.includes(job.what));
        const explained = isFailureType(type) && foreseen[type]?.(asked, evidence);
        return explained ? [] : broken('no run fails of what it has to survive', `${type}: ${message}`);
      }
      default:
        return broken('every run ends', `it is ${status}`);
    }
  });
}

/** A bench in which little lands proves little: of the runs that were left alone, half must. */
export function checkFloor({ runs }: Evidence): Violation[] {
  const alone = runs.filter(({ status }) => status !== 'CANCELLED' && status !== 'TERMINATED');
  const completed = alone.filter(({ status }) => status === 'COMPLETED').length;
  return completed > 0 && completed * 2 >= alone.length
    ? []
    : [{ rule: 'the bench lands exports', what: `${completed} of ${alone.length} runs completed`, lookAt: [] }];
}
