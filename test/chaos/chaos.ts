/**
 * `npm run chaos -- --seed 7 --minutes 3 [--plan] [--out FILE]`: two workers, Temporal's server, Clari and the destination go wrong
 * in all ways that a seed draws, then a checker reads what became of it. Ends with 1 where a promise did not hold.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorkflowsInto } from '../support/workflow-bundle.js';
import type { LogEntry } from './logbook.js';
import { makePlan } from './plan.js';
import { report } from './report.js';
import { runChaos } from './run-chaos.js';

const DRAIN_MS = 10 * 60_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '3' },
    plan: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const plan = makePlan(seed, Number(values.minutes));
const { out } = values;
const line = (entry: object): string => `${JSON.stringify(entry)}\n`;

if (values.plan) {
  const { happenings, ...head } = plan;
  process.stdout.write([head, ...happenings].map(line).join(''));
} else {
  console.log(
    `seed ${seed}, ${plan.minutes} minutes, ${plan.happenings.length} happenings, ${JSON.stringify(plan.scene)}`,
  );
  if (out !== undefined) writeFileSync(out, line({ seed, minutes: plan.minutes, scene: plan.scene }));
  const onEntry = (entry: LogEntry): void => {
    if (out !== undefined) appendFileSync(out, line(entry));
  };
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chaos-bundle-'));
  try {
    const codePath = await bundleWorkflowsInto(folder);
    const outcome = await runChaos(plan, { codePath, drainMs: DRAIN_MS, onEntry });
    const { verdict, evidence } = outcome;
    if (out !== undefined) {
      const { posts, jobs } = evidence.clari;
      appendFileSync(out, line({ violations: verdict.violations, ledger: evidence.ledger, posts, jobs }));
    }
    console.log(report(outcome, `npm run chaos -- --seed ${seed} --minutes ${plan.minutes}`));
    process.exitCode = verdict.violations.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
