import type { LedgerEntry } from '../../src/model/account.js';
import type { Evidence, Violation } from './evidence.js';
import { whatByKey } from './parts.js';

export interface JobsChecked {
  readonly violations: readonly Violation[];
  /** Jobs that came of a POST that the network delivered twice. */
  readonly excess: number;
  /** Jobs that nobody can be told to have: their request's outcome stayed unknown. */
  readonly unknowable: number;
  /** Jobs beyond those. */
  readonly second: number;
}

/** At most one job for each export in the ledger. */
export function checkJobs({ clari, ledger, runs }: Evidence): JobsChecked {
  const violations: Violation[] = [];
  const keys = whatByKey({ ledger, runs });
  const whatIs = ({ whatKey: key }: LedgerEntry): string => keys.get(key) ?? key;
  const ours = new Map<string, LedgerEntry[]>();
  for (const entry of ledger.entries) {
    if (entry.jobId !== null) ours.set(entry.jobId, [...(ours.get(entry.jobId) ?? []), entry]);
  }
  for (const [jobId, entries] of ours) {
    const job = clari.jobs.find((one) => one.jobId === jobId);
    const lookAt = entries.map(({ exportId }) => `export ${exportId}`);
    if (entries.length > 1)
      violations.push({ rule: 'a job belongs to one export', what: `${jobId} has several`, lookAt });
    for (const entry of entries.filter((one) => job?.what !== whatIs(one))) {
      const what = job ? `job ${jobId} is of ${job.what}, its export of ${whatIs(entry)}` : `Clari has no job ${jobId}`;
      violations.push({ rule: 'an export has the job that it asked for', what, lookAt });
    }
  }
  let [excess, unknowable, second] = [0, 0, 0];
  for (const what of new Set(clari.jobs.map((job) => job.what))) {
    const strays = clari.jobs.filter((job) => job.what === what && !ours.has(job.jobId)).map(({ jobId }) => jobId);
    const twins = strays.filter((jobId) => isTwin(jobId, strays, clari.delivered));
    const open = ledger.entries.filter(
      (entry) =>
        whatIs(entry) === what &&
        entry.jobId === null &&
        // A person's `fresh` or `jobId` closes one that nobody could decide.
        (entry.intent !== null || (entry.state === 'failed' && entry.intendedAt !== null)),
    );
    const others = strays.filter((jobId) => !twins.includes(jobId));
    excess += twins.length;
    unknowable += Math.min(open.length, others.length);
    if (others.length <= open.length) continue;
    second += others.length - open.length;
    violations.push({
      rule: 'an export spends one job',
      what: `${what}: Clari made ${others.length} jobs that no export has, and ${open.length} exports do not know theirs`,
      lookAt: [
        ...others.map((jobId) => `job ${jobId}`),
        ...ledger.entries.filter((entry) => whatIs(entry) === what).map((entry) => `export ${JSON.stringify(entry)}`),
      ],
    });
  }
  return { violations, excess, unknowable, second };
}

/** Of two jobs that one delivery made, one is in excess: the second one if nobody has either. */
function isTwin(jobId: string, strays: readonly string[], delivered: readonly (readonly [string, string])[]): boolean {
  return delivered.some(([first, second]) => jobId === second || (jobId === first && !strays.includes(second)));
}
