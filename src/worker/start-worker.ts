import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import type { ReconcilingTimes } from '../activities/reconcile.js';
import type { Settings } from '../config/settings.js';
import type { TemporalSettings } from '../config/temporal.js';
import { taskQueues } from '../model/task-queues.js';
import { onStaleSecret } from '../secrets/stale-secret.js';
import type { Logger } from '../telemetry/logger.js';
import type { SecretMask } from '../telemetry/secret-mask.js';
import { asMade, makeParts, type AdaptParts } from './parts.js';
import { reachTemporal } from './reach-temporal.js';
import { startSweeping, stuckMessage } from './sweeper.js';
import { workflowBundle } from './workflow-bundle.js';
import { dependenciesOf, createActivityWorkers, HEARTBEAT_THROTTLE_MS, runTogether, shutdownTimes } from './workers.js';

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
  /** Changes the parts before they are used: puts a destination of one's own into a connection, say. */
  readonly adapt?: AdaptParts;
  /** Default: times that suit the real Clari. */
  readonly reconciling?: ReconcilingTimes;
  /** Between two looks for bytes that ended runs have left in staging. Default an hour. */
  readonly sweepEveryMs?: number;
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
  { logger, mask, workflowBundle: given, adapt = asMade, reconciling, sweepEveryMs }: WorkerParts,
): Promise<RunningWorker> {
  const parts = await adapt(await makeParts(settings, mask));
  const connection = await reachTemporal(temporal).catch(async (error: unknown) => {
    await parts.close();
    throw error;
  });
  const release = async (): Promise<void> => {
    await Promise.all([connection.close(), parts.close()]);
  };
  try {
    const { namespace, address } = temporal;
    const shared = { connection, namespace, ...shutdownTimes };
    const activities = createActivities(dependenciesOf(settings, parts, shared, reconciling));
    const taskQueue = taskQueues(settings.taskQueue).workflows;
    const workflows = await Worker.create({
      ...shared,
      taskQueue,
      workflowBundle: given ?? (await workflowBundle()),
      activities: activities.resolving,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
      maxCachedWorkflows: CACHED_WORKFLOWS,
    });
    const { done: stopped, stop } = runTogether([
      workflows,
      ...(await createActivityWorkers(settings, parts, activities, shared)),
    ]);
    const stopSweeping = startSweeping(parts, settings, shared, {
      onSwept: (run) => logger.info({ event: 'swept', run }, 'The bytes that a run had left in staging are removed'),
      onStuck: (why, run) => logger.warn({ event: 'not swept', run }, stuckMessage(why)),
      ...(sweepEveryMs === undefined ? {} : { everyMs: sweepEveryMs }),
    });
    const stopTelling = onStaleSecret(({ reference, message }) => {
      logger.warn({ event: 'secret store down', secret: reference }, message);
    });
    const done = stopped.finally(stopSweeping).finally(stopTelling).finally(release);
    for (const { name, policyRemarks } of parts.connections)
      for (const remark of policyRemarks) logger.warn({ event: 'policy', connection: name }, remark);
    logger.info({ event: 'started', address, namespace, taskQueue }, 'The worker polls its task queues');
    return {
      done,
      async stop() {
        stop();
        await done;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
