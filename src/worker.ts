import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Dispatcher } from 'undici';
import { createAccountLedger } from './activities/account-ledger.js';
import { createActivities, type Activities, type Connection } from './activities/index.js';
import { reconcilingTimes, type ReconcilingTimes } from './activities/reconcile.js';
import { Turnstile } from './activities/turnstile.js';
import { createClariApi } from './clari/clari-api.js';
import { ConfigurationError } from './config/configuration-error.js';
import { configDigest } from './config/digest.js';
import { readEnvFile } from './config/env-file.js';
import { settingsFromEnvironment } from './config/from-environment.js';
import type { ConnectionSettings, Settings } from './config/settings.js';
import { temporalSettings, type TemporalSettings } from './config/temporal.js';
import { createDuckDbDestination } from './destinations/duckdb/duckdb-destination.js';
import type { Destination } from './destinations/port.js';
import { createLinkRules } from './download/link-rules.js';
import { createDispatcher } from './http/dispatcher.js';
import { ExportError } from './model/export-error.js';
import { failures } from './model/failures.js';
import { taskQueues } from './model/task-queues.js';
import { findPolicy } from './redaction/built-in-policies.js';
import { createRedactor } from './redaction/redactor.js';
import { openLocalStaging } from './staging/local.js';
import { createLogger, temporalLogger, type Logger } from './telemetry/logger.js';
import { SecretMask } from './telemetry/secret-mask.js';

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
  const dispatcher = createDispatcher();
  const linkRules = createLinkRules({ allowedHosts: settings.allowedLinkHosts });
  const destinations = new Map<string, Destination>();
  const connections = settings.connections.map((one) =>
    connect(settings, one, { dispatcher, mask: parts.mask, destinations }),
  );
  await preflight(settings, connections, destinations);
  const staging = await openLocalStaging(settings.stagingDir);
  const connection = await reachTemporal(temporal);
  const release = async (): Promise<void> => {
    await Promise.all([connection.close(), dispatcher.close(), linkRules.close()]);
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
    const done = Promise.all(workers.map((worker) => worker.run())).then(release);
    parts.logger.info(
      { event: 'started', address: temporal.address, namespace: temporal.namespace, taskQueue: queues.workflows },
      'The worker polls its task queues',
    );
    return {
      done,
      async stop() {
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
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

interface Shared {
  readonly dispatcher: Dispatcher;
  readonly mask: SecretMask;
  readonly destinations: Map<string, Destination>;
}

function connect(
  settings: Settings,
  connection: ConnectionSettings,
  { dispatcher, mask, destinations }: Shared,
): Connection {
  const account = settings.accounts.find(({ name }) => name === connection.account);
  if (!account) throw new ConfigurationError([`connection ${connection.name}: names no account`]);
  const { name, environment, policy: policyName, redactionKey, forecasts } = connection;
  const policy = findPolicy(policyName);
  const key = redactionKey && {
    name: redactionKey.name,
    version: redactionKey.version,
    bytes: async () => Buffer.from(await mask.watch(redactionKey.secret).read(), 'utf8'),
  };
  const { memoryLimitMb } = settings;
  const redactor = createRedactor({ policy, memoryLimitMb, ...(key ? { key } : {}) });
  const { path } = connection.destination;
  const destination = destinations.get(path) ?? createDuckDbDestination({ path, memoryLimitMb });
  destinations.set(path, destination);
  return {
    name,
    account: account.name,
    environment,
    policy: policyName,
    configDigest: configDigest(settings, connection, account, redactor.policyMark.digest),
    forecasts,
    clari: createClariApi({
      baseUrl: account.baseUrl,
      token: mask.watch(account.token),
      allowInsecure: settings.allowedLinkHosts,
      dispatcher,
      ...(account.orgId === undefined ? {} : { orgId: account.orgId }),
    }),
    redactor,
    destination,
  };
}

/** What would fail every run fails the start instead, all of it at once. */
async function preflight(
  settings: Settings,
  connections: readonly Connection[],
  destinations: ReadonlyMap<string, Destination>,
): Promise<void> {
  const checks = [
    ...settings.accounts.map(({ token }) => token.read()),
    ...connections.map(({ redactor }) => redactor.keyMark()),
    ...[...destinations.values()].map((destination) => destination.check()),
  ];
  const faults = (await Promise.allSettled<unknown>(checks)).flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return [];
    const { reason } = outcome as { reason: unknown };
    // Somebody who reads the database at this moment will not be there for ever.
    if (reason instanceof ExportError && reason.type === 'DestinationBusy') return [];
    if (reason instanceof ExportError) return [`${reason.message} ${failures[reason.type].remedy}`];
    throw reason;
  });
  if (faults.length > 0) throw new ConfigurationError(faults);
}

async function reachTemporal({ address, connection }: TemporalSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connection);
  } catch {
    // A failed connection is never a reason to try localhost instead.
    throw new ConfigurationError([
      `Temporal can not be reached at ${address}: check TEMPORAL_ADDRESS, TLS and API key, and that the server runs (temporal server start-dev)`,
    ]);
  }
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
    process.exitCode = known ? failures.ConfigurationInvalid.exitCode : failures.Unexpected.exitCode;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
