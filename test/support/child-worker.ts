import { pathToFileURL } from 'node:url';
import type { CrashPoint } from '../../src/crash/crash-point.js';
import { forEveryActivity, type ActivityLimitOverrides } from '../../src/model/activity-limits.js';
import { bundledSource } from './bundled-source.js';
import { startNode, type Child } from './child.js';
import type { WorkerProcessOptions } from './worker-process.js';
import type { World, WorldOptions } from './open-world.js';

/** A death is noticed by a silence of this many seconds; an operator may not set so few. */
const HEARTBEAT = 10;
const limits = forEveryActivity({ heartbeat: HEARTBEAT, retryInitial: 1, retryMaximum: 1 });

/** Options of a world whose own workers may follow one that died, at the same pace. */
export const quick = {
  withoutWorker: true,
  settings: { limits },
  reconciling: { quiet: 4_000, giveUp: 20_000, lookAgain: 500 },
} as const satisfies WorldOptions;

interface WorkerProcessChanges {
  /** Limits of activities, on top of those that all tests with such a worker have. */
  readonly limits?: ActivityLimitOverrides;
  /** Variables, on top of the world's. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of the world's own, on top of its limits. */
  readonly settings?: Omit<WorkerProcessOptions['settings'], 'limits'>;
  readonly reconciling?: WorkerProcessOptions['reconciling'];
  readonly sweepEveryMs?: number;
  /** Called with the process before it polls: it may have to be killed earlier than that. */
  readonly onSpawn?: (child: Child) => void;
}

/** A worker of the world's deployment in a process of its own, that polls; `crashAt` is where it will die. */
export async function startWorkerProcess(
  world: Pick<World, 'codePath' | 'folder' | 'environment'>,
  crashAt?: CrashPoint,
  {
    limits: changed = {},
    environment = {},
    settings = {},
    reconciling = quick.reconciling,
    sweepEveryMs,
    onSpawn = () => undefined,
  }: WorkerProcessChanges = {},
): Promise<Child> {
  const options: WorkerProcessOptions = {
    codePath: world.codePath,
    settings: { ...settings, limits: { ...limits, ...changed } },
    reconciling,
    ...(sweepEveryMs === undefined ? {} : { sweepEveryMs }),
  };
  const { PATH = '', HOME = '' } = process.env;
  const bundle = pathToFileURL(await bundledSource('test/support/worker-process.ts')).href;
  // Imported, since src/worker.ts in it would take itself for what was started.
  const child = startNode(['-e', `import(${JSON.stringify(bundle)})`, '--', JSON.stringify(options)], {
    cwd: world.folder,
    env: { PATH, HOME, ...world.environment, ...environment, ...(crashAt ? { CLARI_TEST_CRASH_AT: crashAt } : {}) },
  });
  onSpawn(child);
  await child.says('"event":"started"');
  return child;
}
