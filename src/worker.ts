import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createAccountLedger } from './activities/account-ledger.js';
import { createActivities, type Activities } from './activities/index.js';
import { reconcilingTimes, type ReconcilingTimes } from './activities/reconcile.js';
import { Turnstile } from './activities/turnstile.js';
import { ConfigurationError } from './config/configuration-error.js';
import { readEnvFile } from './config/env-file.js';
import { settingsFromEnvironment } from './config/from-environment.js';
import type { Settings } from './config/settings.js';
import { temporalSettings, type TemporalSettings } from './config/temporal.js';
import { failures } from './model/failures.js';
import { taskQueues } from './model/task-queues.js';
import { createLogger, temporalLogger, type Logger } from './telemetry/logger.js';
import { SecretMask } from './telemetry/secret-mask.js';
import { makeParts } from './worker/parts.js';
import { reachTemporal } from './worker/reach-temporal.js';

/** Time that attempts under way have to reach a point from which another one goes on, after SIGTERM. */
const GRACE_MS = 10_000;
/** After this long a shutdown no longer waits for anybody. */
const FORCE_MS = 60_000;
/** Calls to one account a second, over all workers. Clari's gateway takes 100 from a token; this leaves room for others. */
const ACCOUNT_CALLS_PER_SECOND = 10;
/** How long the SDK may keep a heartbeat back, and with it the news that an activity is cancelled; by default a minute. */
const HEARTBEAT_THROTTLE_MS = 5_000;
/** Downloads under way at once, and clean-ups beside them; one redaction and one load, whatever this says. */
const STAGING_SLOTS = 8;
const ACCOUNT_SLOTS = 20;
/** A cached workflow takes some 100 KB, and an unbounded cache has killed workers. */
const CACHED_WORKFLOWS = 200;

export interface RunningWorker {
  /** Settles when the worker has stopped, for whatever reason; rejects when it stopped because of a fault. */
  readonly done: Promise<void>;
  /** Hands over what is under way and stops; the same as SIGTERM. */
  stop(): Promise<void>;
}

export interface WorkerParts {
  readonly logger: Logger;
  readonly mask: SecretMask;
  /** Workflow code bundled before; by default the build's, else the sources, bundled now. */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
  /** Default: times that suit the real Clari. */
  readonly reconciling?: ReconcilingTimes;
}

/**
 * Puts a worker together from its settings and starts it; resolves when it polls all of its queues. It stops at SIGTERM and
 * SIGINT.
 *
 * @throws ConfigurationError with every fault that can be found before the first task
 */
export async function startWorker(
  settings: Settings,
  temporal: TemporalSettings,
  parts: WorkerParts,
): Promise<RunningWorker> {
  const made = await makeParts(settings, parts.mask);
  const { dispatcher, linkRules, connections, staging } = made;
  const connection = await reachTemporal(temporal).catch(async (error: unknown) => {
    await made.close();
    throw error;
  });
  const release = async (): Promise<void> => {
    await Promise.all([connection.close(), made.close()]);
  };
  try {
    const queues = taskQueues(settings.taskQueue);
    const activities = createActivities({
      connections: new Map(connections.map((one) => [one.name, one])),
      queues,
      limits: settings.limits,
      deadline: settings.deadline,
      staging,
      ledger: createAccountLedger(new Client({ connection, namespace: temporal.namespace }), queues),
      http: { dispatcher, linkRules },
      turnstiles: { redaction: new Turnstile(), load: new Turnstile() },
      reconciling: parts.reconciling ?? reconcilingTimes,
    });
    const bundle = parts.workflowBundle ?? (await bundleWorkflows());
    const shared = {
      connection,
      namespace: temporal.namespace,
      shutdownGraceTime: GRACE_MS,
      shutdownForceTime: FORCE_MS,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    };
    const workers = await createWorkers(shared, settings, {
      activities,
      bundle,
      stagingQueue: queues.staging(staging.id),
    });
    const stopAll = (): void => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    // One that dies takes the others along: half a worker would look alive and do nothing.
    const running = workers.map((worker) => worker.run().finally(stopAll));
    const done = Promise.allSettled(running)
      .then(release)
      .then(() => Promise.all(running))
      .then(() => undefined);
    parts.logger.info(
      { event: 'started', address: temporal.address, namespace: temporal.namespace, taskQueue: queues.workflows },
      'The worker polls its task queues',
    );
    return {
      done,
      async stop() {
        stopAll();
        await done;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface Work {
  readonly activities: Activities;
  readonly bundle: NonNullable<WorkerOptions['workflowBundle']>;
  readonly stagingQueue: string;
}

function createWorkers(shared: Pick<WorkerOptions, 'connection'>, settings: Settings, work: Work): Promise<Worker[]> {
  const { activities, bundle, stagingQueue } = work;
  const queues = taskQueues(settings.taskQueue);
  const workflows = Worker.create({
    ...shared,
    taskQueue: queues.workflows,
    workflowBundle: bundle,
    activities: activities.resolving,
    maxCachedWorkflows: CACHED_WORKFLOWS,
  });
  const accounts = settings.accounts.map(({ name }) =>
    Worker.create({
      ...shared,
      taskQueue: queues.account(name),
      activities: activities.account,
      maxConcurrentActivityTaskExecutions: ACCOUNT_SLOTS,
      maxTaskQueueActivitiesPerSecond: ACCOUNT_CALLS_PER_SECOND,
    }),
  );
  const heavy = Worker.create({
    ...shared,
    taskQueue: stagingQueue,
    activities: activities.staging,
    maxConcurrentActivityTaskExecutions: STAGING_SLOTS,
  });
  return Promise.all([workflows, ...accounts, heavy]);
}

/** The bundle made by the build where there is one, else the sources, bundled now. */
async function bundleWorkflows(): Promise<Work['bundle']> {
  const built = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (existsSync(built)) return { codePath: built };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const workflowsPath = fileURLToPath(new URL(`./workflows/index.${extension}`, import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
}

/** Both halves of the configuration are read before either one's faults end the start. */
function configured(environment: NodeJS.ProcessEnv): [TemporalSettings, Settings] {
  const faults: string[] = [];
  const read = <T>(settingsFrom: (environment: NodeJS.ProcessEnv) => T): T | undefined => {
    try {
      return settingsFrom(environment);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      faults.push(...error.faults);
      return undefined;
    }
  };
  const temporal = read(temporalSettings);
  const settings = read(settingsFromEnvironment);
  if (!temporal || !settings) throw new ConfigurationError(faults);
  return [temporal, settings];
}

/** The command `npm start`. */
export async function main(): Promise<void> {
  readEnvFile();
  const mask = new SecretMask();
  try {
    const [temporal, settings] = configured(process.env);
    const logger = createLogger(settings.logLevel, mask);
    Runtime.install({ logger: temporalLogger(logger) });
    await (
      await startWorker(settings, temporal, { logger, mask })
    ).done;
    logger.info({ event: 'stopped' }, 'The worker has stopped');
  } catch (error) {
    const known = error instanceof ConfigurationError;
    process.stderr.write(`${mask.apply(known ? error.message : `The worker failed: ${String(error)}`)}\n`);
    // The SDK's runtime would keep the process alive after a start that failed.
    process.exit(known ? failures.ConfigurationInvalid.exitCode : failures.Unexpected.exitCode);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
