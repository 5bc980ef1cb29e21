import { expect, inject } from 'vitest';
import { makePlan } from '../../chaos/plan.js';
import { report } from '../../chaos/report.js';
import { runChaos } from '../../chaos/run-chaos.js';

/** Runs that a busy machine keeps waiting are no violation. */
const DRAIN_MS = 5 * 60_000;

/** How long a bench may take, in milliseconds. */
export const chaosTimeout = (minutes: number): number => DRAIN_MS + 3 * 60_000 + minutes * 60_000;

/** Carries out what a seed draws, and expects every promise to hold. */
export async function expectSurvived(seed: number, minutes: number): Promise<void> {
  const outcome = await runChaos(makePlan(seed, minutes), {
    codePath: inject('workflowBundlePath'),
    executable: inject('temporalCliPath'),
    drainMs: DRAIN_MS,
  });
  const told = report(outcome, `npm run chaos -- --seed ${seed} --minutes ${minutes}`);
  expect(outcome.verdict.violations, told).toEqual([]);
  // It proves nothing of what did not happen.
  const { kills, cuts, serverStops } = outcome.log.counts;
  expect(Math.min(kills, cuts, serverStops), told).toBeGreaterThan(0);
  expect(outcome.evidence.warehouse.exports.length, told).toBeGreaterThan(0);
}
