import { Client } from '@temporalio/client';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createAccountLedger } from '../activities/account-ledger.js';
import type { Activities, ActivityDependencies } from '../activities/index.js';
import { reconcilingTimes, type ReconcilingTimes } from '../activities/reconcile.js';
import { Turnstile } from '../activities/turnstile.js';
import type { Settings } from '../config/settings.js';
import { taskQueues } from '../model/task-queues.js';
import type { Parts } from './parts.js';

/** Calls to one account a second, over all workers. Clari's gateway takes 100 from a token; this leaves room for others. */
const ACCOUNT_CALLS_PER_SECOND = 10;
const ACCOUNT_SLOTS = 20;
/** Downloads under way at once; one redaction and one load, whatever this says. */
const STAGING_SLOTS = 8;
const CLEANUP_SLOTS = 4;
/** How long the SDK may keep a heartbeat back, and with it the news that an activity is cancelled; by default a minute. */
export const HEARTBEAT_THROTTLE_MS = 5_000;

/**
 * Grace: what attempts under way have, after SIGTERM, to reach a point from which another one goes on. Force: after this long a
 * shutdown waits for nobody.
 */
export const shutdownTimes = { shutdownGraceTime: 10_000, shutdownForceTime: 60_000 } as const;

/** What the workers of one process share. The converter is the ledger's too: both ends must read what the other one writes. */
export type SharedOptions = Pick<
  WorkerOptions,
  'namespace' | 'identity' | 'dataConverter' | 'interceptors' | 'shutdownGraceTime' | 'shutdownForceTime'
> & { readonly connection: NativeConnection };

/** What the activities of one process are made from; `createActivities` takes it as it is, or with ports of one's own put in. */
export function dependenciesOf(
  settings: Settings,
  { connections, staging, dispatcher, linkRules }: Parts,
  { connection, namespace = 'default', dataConverter }: SharedOptions,
  reconciling: ReconcilingTimes = reconcilingTimes,
): ActivityDependencies {
  const queues = taskQueues(settings.taskQueue);
  return {
    connections: new Map(connections.map((one) => [one.name, one])),
    queues,
    limits: settings.limits,
    deadline: settings.deadline,
    staging,
    ledger: createAccountLedger(
      new Client({ connection, namespace, ...(dataConverter ? { dataConverter } : {}) }),
      queues,
    ),
    http: {
      dispatcher,
      linkRules,
      ...(settings.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: settings.idleTimeoutMs }),
    },
    turnstiles: { redaction: new Turnstile(), load: new Turnstile() },
    reconciling,
  };
}

/** The workers of the queues that run no workflows: one for each account, one for the staging folder, and one for its clean-up. */
export async function createActivityWorkers(
  settings: Settings,
  { staging }: Parts,
  activities: Activities,
  shared: SharedOptions,
): Promise<Worker[]> {
  const queues = taskQueues(settings.taskQueue);
  const common = { ...shared, maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS };
  const options: readonly WorkerOptions[] = [
    {
      ...common,
      taskQueue: queues.staging(staging.id),
      activities: activities.staging,
      maxConcurrentActivityTaskExecutions: STAGING_SLOTS,
    },
    {
      ...common,
      taskQueue: queues.cleanup(staging.id),
      activities: activities.cleanup,
      maxConcurrentActivityTaskExecutions: CLEANUP_SLOTS,
    },
    ...settings.accounts.map(({ name }) => ({
      ...common,
      taskQueue: queues.account(name),
      activities: activities.account,
      maxConcurrentActivityTaskExecutions: ACCOUNT_SLOTS,
      maxTaskQueueActivitiesPerSecond: ACCOUNT_CALLS_PER_SECOND,
    })),
  ];
  return Promise.all(options.map((one) => Worker.create(one)));
}

export interface RunningTogether {
  /** Settles when all have stopped, and rejects when one failed. */
  readonly done: Promise<void>;
  readonly stop: () => void;
}

/** Runs workers as one: one that stops takes the others along, since half a worker would look alive and do nothing. */
export function runTogether(
  workers: readonly Worker[],
  run = (worker: Worker): Promise<void> => worker.run(),
): RunningTogether {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = workers.map((worker) => run(worker).finally(stop));
  const done = Promise.allSettled(running).then(async () => {
    await Promise.all(running);
  });
  return { done, stop };
}
