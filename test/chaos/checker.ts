import { checkAmounts } from './check-amounts.js';
import { checkCancelled } from './check-cancelled.js';
import { checkJobs, type JobsChecked } from './check-jobs.js';
import { checkLanded, type LandedChecked } from './check-landed.js';
import { checkFloor, checkRuns } from './check-runs.js';
import type { Evidence, Violation } from './evidence.js';

export interface Verdict extends Omit<JobsChecked, 'violations'>, Omit<LandedChecked, 'violations'> {
  readonly violations: readonly Violation[];
  /** Runs that ended since nobody could tell what became of their POST. */
  readonly undecided: number;
}

/** Whether the promises held. */
export function check(evidence: Evidence): Verdict {
  const { violations: ofJobs, ...jobs } = checkJobs(evidence);
  const { violations: ofRows, ...rows } = checkLanded(evidence);
  const { staged, leaks, broken } = evidence;
  return {
    ...jobs,
    ...rows,
    undecided: evidence.runs.filter(({ failure }) => failure?.type === 'CreateOutcomeUnknown').length,
    violations: [
      ...broken.map((what) => ({ rule: 'the bench works', what, lookAt: [] })),
      ...checkRuns(evidence),
      ...checkFloor(evidence),
      ...checkCancelled(evidence),
      ...checkAmounts(evidence),
      ...ofJobs,
      ...ofRows,
      ...(staged.length === 0
        ? []
        : [{ rule: 'nothing is left in staging', what: `${staged.length} files or folders`, lookAt: staged }]),
      ...leaks.map(({ where, values }) => ({
        rule: 'nothing private is outside',
        what: `${values.length} values in ${where}`,
        lookAt: values.slice(0, 5),
      })),
    ],
  };
}
