import { isFailureType, type FailureType } from '../../src/model/failures.js';
import { whatOf, type JobEvidence } from './clari-evidence.js';
import type { Evidence, Violation } from './evidence.js';

/** A run whose file is damaged downloads it once more. */
const DOWNLOADS = 2;

/** How a run may fail under the faults of a plan, and what must be so of the jobs of what it asked for. */
const foreseen: Partial<Record<FailureType, (asked: readonly JobEvidence[]) => boolean>> = {
  ExportFailed: (asked) => asked.some(({ state }) => ['failed', 'cancelled', 'aborted'].includes(state)),
  ExportTruncated: (asked) => asked.some(({ truncated }) => truncated),
  FileMalformed: (asked) => asked.some(({ damaged }) => damaged >= DOWNLOADS),
  CreateOutcomeUnknown: () => true,
};

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
        const asked = clari.jobs.filter((job) => job.what === whatOf(run.request));
        const explained = isFailureType(type) && foreseen[type]?.(asked);
        return explained ? [] : broken('no run fails of what it has to survive', `${type}: ${message}`);
      }
      default:
        return broken('every run ends', `it is ${status}`);
    }
  });
}
