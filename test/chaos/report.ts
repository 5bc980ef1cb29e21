import { formatTable } from '../../src/cli/format-table.js';
import type { Receipt } from '../../src/model/receipt.js';
import type { Outcome } from './run-chaos.js';

/** Figures of a bench in the order in which people ask for them. */
function figures({ plan, log, evidence, verdict }: Outcome): Readonly<Record<string, number | string>> {
  const { runs, clari, ledger } = evidence;
  const ended = (status: string): number => runs.filter((run) => run.status === status).length;
  const failures = new Map<string, number>();
  for (const { failure } of runs) if (failure) failures.set(failure.type, (failures.get(failure.type) ?? 0) + 1);
  const receipts = evidence.warehouse.exports.map(({ receipt }) => JSON.parse(receipt) as Receipt);
  const { kills, crashes, pauses, terms, cuts, serverStops, holds, rotations, rules } = log.counts;
  return {
    seed: plan.seed,
    minutes: plan.minutes,
    ...{
      kills,
      'kills at crash points': crashes,
      pauses,
      terms,
      cuts,
      'server stops': serverStops,
      'destination held': holds,
    },
    ...{ 'token rotations': rotations, 'fault rules': rules, 'requests struck': clari.struck },
    'runs started': runs.length,
    'runs finished': ended('COMPLETED'),
    'runs failed': [...failures].map(([type, count]) => `${type} ${count}`).join(', ') || 0,
    'runs of undecided outcome': verdict.undecided,
    'runs cancelled': ended('CANCELLED'),
    'runs terminated or reset': ended('TERMINATED'),
    'exports in the ledger': ledger.entries.length,
    'exports landed': evidence.warehouse.exports.length,
    'exports landed in parts': receipts.filter(({ parts }) => parts !== undefined).length,
    'exports landed incomplete': receipts.filter(({ complete }) => !complete).length,
    'jobs created': clari.jobs.length,
    'jobs in excess (delivered twice)': `${verdict.excess}, ${ledger.excessJobs} of them reported`,
    'jobs of unknown outcome': verdict.unknowable,
    'second jobs': verdict.second,
    'rows lost': verdict.rowsLost,
    'rows doubled': verdict.rowsDoubled,
    violations: verdict.violations.length,
  };
}

/** One table, then every violation with where to look; `command` is what runs the plan again. */
export function report(outcome: Outcome, command: string): string {
  const rows = Object.entries(figures(outcome)).map(([what, value]) => [what, String(value)]);
  const { violations } = outcome.verdict;
  return [
    formatTable(['what', 'value'], rows),
    ...violations.flatMap(({ rule, what, lookAt }) => [
      '',
      `VIOLATION (seed ${outcome.plan.seed}): ${rule}: ${what}`,
      ...lookAt.map((place) => `  ${place}`),
    ]),
    ...(violations.length === 0 ? [] : ['', `To see it again: ${command}`]),
  ].join('\n');
}
