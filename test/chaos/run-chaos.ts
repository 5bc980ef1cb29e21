import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountState } from '../../src/model/account.js';
import { lookAtRuns } from '../../src/leak-scan/runs.js';
import { ledgerQuery } from '../../src/model/account.js';
import { Actors } from './actors.js';
import { check, type Verdict } from './checker.js';
import { readClari } from './clari-evidence.js';
import type { Evidence } from './evidence.js';
import { filesBelow, foundIn, privateValues } from './leaks.js';
import { Logbook, type LogEntry } from './logbook.js';
import type { Plan } from './plan.js';
import { readRuns } from './runs-evidence.js';
import { openSite, type Site, type SiteOptions } from './site.js';
import { readWarehouse } from './warehouse.js';

export interface ChaosOptions extends SiteOptions {
  /** How long runs may go on after the last fault, in milliseconds. */
  readonly drainMs: number;
  readonly onEntry?: (entry: LogEntry) => void;
}

export interface Outcome {
  readonly plan: Plan;
  readonly log: Logbook;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

/** Carries a plan out, waits until all that it started has ended, and looks what became of it. */
export async function runChaos(plan: Plan, { drainMs, onEntry, ...options }: ChaosOptions): Promise<Outcome> {
  const log = new Logbook(onEntry);
  const site = await openSite(plan, options, log);
  try {
    await Promise.all(site.workers.map((worker) => worker.up()));
    log.note('both workers are up');
    const actors = new Actors(site);
    const broken = await carryOut(plan, actors);
    calm(site);
    log.note('faults are over');
    await drained(site, drainMs);
    const evidence = await gather(site, plan, actors, broken);
    return { plan, log, evidence, verdict: check(evidence) };
  } finally {
    await site.remove();
  }
}

/** What could not be made to happen. */
async function carryOut({ happenings }: Plan, actors: Actors): Promise<string[]> {
  const began = performance.now();
  const broken: string[] = [];
  const acts: Promise<void>[] = [];
  for (const happening of happenings) {
    await sleep(Math.max(0, happening.at - (performance.now() - began)));
    const act = actors.act(happening).catch((error: unknown) => {
      broken.push(`${JSON.stringify(happening)}: ${String(error)}`);
    });
    acts.push(act);
  }
  await Promise.all(acts);
  return broken;
}

function calm({ world, lines }: Site): void {
  world.clari.faults.clear();
  for (const line of Object.values(lines)) line.calm();
}

/** Until no export is under way, and staging is swept. */
async function drained({ world, stagingDirs, log }: Site, drainMs: number): Promise<void> {
  const end = performance.now() + drainMs;
  const query = "WorkflowType = 'exportForecast' AND ExecutionStatus = 'Running'";
  while (performance.now() < end) {
    const { count } = await world.client.workflow.count(query);
    const staged = await stagedIn(stagingDirs);
    if (count === 0 && staged.length === 0) return;
    await sleep(1_000);
  }
  log.note('what was started did not end in time', { drainMs });
}

async function stagedIn(stagingDirs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    stagingDirs.map(async (folder) => {
      const runs = path.join(folder, 'runs');
      return (await readdir(runs, { recursive: true }).catch(() => [])).map((name) => path.join(runs, name));
    }),
  );
  return found.flat().sort();
}

async function gather(site: Site, plan: Plan, actors: Actors, broken: readonly string[]): Promise<Evidence> {
  const { world, stagingDirs, serverFolder, tokens } = site;
  const account = world.client.workflow.getHandle(`${world.taskQueue}-account-default`);
  const ledger = await account.query<AccountState>(ledgerQuery);
  const staged = await stagedIn(stagingDirs);
  const runs = await readRuns(world.client);
  const search = privateValues(world, tokens);
  const inRuns = await foundIn(lookAtRuns(world.client, search));
  await site.close();
  // Only when the server is gone, all that it wrote is in its files.
  await site.stopServer();
  const written = site.workers.flatMap(({ ended }) => ended.map(({ stdout, stderr }) => stdout + stderr)).join('\n');
  const places: readonly (readonly [string, readonly string[]])[] = [
    ['histories and what the server shows', inRuns],
    ['what the workers wrote', search.in(written)],
    ['the folder of the workers, staging included', await foundIn(filesBelow(world.folder, world, search))],
    ['the database and the log of the server', await foundIn(filesBelow(serverFolder, world, search))],
  ];
  return {
    clari: readClari(world.clari, plan.scene.gzip),
    ledger,
    runs,
    interventions: actors.interventions,
    disturbed: site.log.disturbed,
    warehouse: await readWarehouse(world),
    staged,
    leaks: places.flatMap(([where, values]) => (values.length > 0 ? [{ where, values }] : [])),
    broken,
  };
}
