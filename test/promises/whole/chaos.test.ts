import { expect, inject, test } from 'vitest';
import { makePlan } from '../../chaos/plan.js';
import { report } from '../../chaos/report.js';
import { runChaos } from '../../chaos/run-chaos.js';

const SEED = 12;
const MINUTES = 0.5;
/** Runs that a busy machine keeps waiting are no violation. */
const DRAIN_MS = 5 * 60_000;

// The fake listens at an address that other systems do not have.
test.skipIf(process.platform !== 'linux')(
  'fault 27: whatever goes wrong at once, each export spends one job and is landed once and whole, and nothing leaks',
  async () => {
    const outcome = await runChaos(makePlan(SEED, MINUTES), {
      codePath: inject('workflowBundlePath'),
      executable: inject('temporalCliPath'),
      drainMs: DRAIN_MS,
    });
    const told = report(outcome, `npm run chaos -- --seed ${SEED} --minutes ${MINUTES}`);
    expect(outcome.verdict.violations, told).toEqual([]);
    // It proves nothing of what did not happen.
    const { kills, cuts, serverStops } = outcome.log.counts;
    expect(Math.min(kills, cuts, serverStops), told).toBeGreaterThan(0);
    expect(outcome.evidence.warehouse.exports.length, told).toBeGreaterThan(0);
  },
  DRAIN_MS + 3 * 60_000,
);
