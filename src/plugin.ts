import { Runtime, type Worker, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { settingsFromEnvironment } from './config/from-environment.js';
import { createActivities } from './activities/index.js';
import type { Settings } from './config/settings.js';
import { onStaleSecret } from './secrets/stale-secret.js';
import { SecretMask } from './telemetry/secret-mask.js';
import { asMade, makeParts, type AdaptParts } from './worker/parts.js';
import { startSweeping, stuckMessage } from './worker/sweeper.js';
import {
  dependenciesOf,
  createActivityWorkers,
  runTogether,
  shutdownTimes,
  type SharedOptions,
} from './worker/workers.js';

export { ConfigurationError } from './config/configuration-error.js';
export { settingsFromEnvironment } from './config/from-environment.js';
export type { Settings } from './config/settings.js';
export { SecretMask } from './telemetry/secret-mask.js';
export type { AdaptParts, Parts } from './worker/parts.js';

export interface ClariPluginOptions {
  /** Default: `settingsFromEnvironment(process.env)`. Its task queue is not used: the worker's own is. */
  readonly settings?: Settings;
  /** Changes the parts before they are used: puts a destination of one's own into a connection, say. */
  readonly adapt?: AdaptParts;
  /** Learns every secret that is read, so that a logger can keep it out of its lines. */
  readonly mask?: SecretMask;
}

/** Where a worker has its parts between its creation and its run. */
interface Addition {
  readonly taskQueue: string;
  createWorkers(): Promise<Worker[]>;
  /** Begins to remove what ended runs have left; the answer ends it. */
  sweep(): () => void;
  close(): Promise<void>;
}

/**
 * Adds the exports of Clari to a worker that somebody already has. The worker runs the workflows, which its own workflow module
 * exports again (`export * from 'clari-temporal/workflows'`: a plugin's workflows would replace the worker's). The activities
 * run in the same process, on task queues of their own beside the worker's, named after it: calls to Clari are limited as a
 * whole, and heavy work stays where its staged bytes are. One instance for each worker.
 */
export class ClariPlugin implements WorkerPlugin {
  readonly name = 'clari-temporal';
  readonly #options: ClariPluginOptions;
  #addition: Addition | undefined;

  constructor(options: ClariPluginOptions = {}) {
    this.#options = options;
  }

  /**
   * Called by `Worker.create`.
   * @throws ConfigurationError with every fault of the configuration; TypeError for a worker without `taskQueue` or `connection`,
   * with an activity of the same name, or for a second worker
   */
  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    const { taskQueue, connection, activities: theirs } = options;
    if (this.#addition !== undefined) {
      // The workers that this plugin makes have its connection's plugins, which it may be one of.
      if (taskQueue.startsWith(`${this.#addition.taskQueue}-`)) return options;
      throw new TypeError('ClariPlugin: is in another worker already; make one for each worker');
    }
    if (!taskQueue) throw new TypeError('ClariPlugin: the worker needs a taskQueue');
    if (!connection) {
      throw new TypeError(
        'ClariPlugin: the worker needs a connection (connection: await NativeConnection.connect({ address })), since the ' +
          'activities of the plugin share it',
      );
    }
    const { settings: given = settingsFromEnvironment(process.env), adapt = asMade } = this.#options;
    const settings = { ...given, taskQueue };
    const parts = await adapt(await makeParts(settings, this.#options.mask ?? new SecretMask()));
    const shared = sharedOf({ ...options, connection });
    const activities = createActivities(dependenciesOf(settings, parts, shared));
    const taken = Object.keys(activities.resolving).filter((name) => Object.hasOwn(theirs ?? {}, name));
    if (taken.length > 0) {
      await parts.close();
      throw new TypeError(`ClariPlugin: the worker has an activity ${taken.join(', ')} already; give it another name`);
    }
    for (const { name, policyRemarks } of parts.connections)
      for (const remark of policyRemarks) Runtime.instance().logger.warn(remark, { connection: name });
    this.#addition = {
      taskQueue,
      createWorkers: () => createActivityWorkers(settings, parts, activities, shared),
      sweep: () =>
        startSweeping(parts, settings, shared, {
          onStuck(why, run) {
            Runtime.instance().logger.warn(stuckMessage(why), { run });
          },
        }),
      close: () => parts.close(),
    };
    return { ...options, activities: { ...theirs, ...activities.resolving } };
  }

  /** Called by `worker.run()`: runs the workers of the plugin's task queues beside it, for as long as it runs. */
  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const addition = this.#addition;
    if (addition?.taskQueue !== worker.options.taskQueue) {
      await next(worker);
      return;
    }
    try {
      const added = await addition.createWorkers().catch(async (error: unknown) => {
        // A worker that never ran would hold on to its connection.
        const ended = next(worker);
        worker.shutdown();
        await ended;
        throw error;
      });
      const stopSweeping = addition.sweep();
      const stopTelling = onStaleSecret(({ reference, message }) => {
        Runtime.instance().logger.warn(message, { secret: reference });
      });
      const running = runTogether([worker, ...added], (each) => (each === worker ? next(worker) : each.run()));
      await running.done.finally(stopSweeping).finally(stopTelling);
    } finally {
      await addition.close();
    }
  }
}

/** What the added workers take over: above all the converter, since they read what the worker's workflows write. */
function sharedOf(options: WorkerOptions & Pick<SharedOptions, 'connection'>): SharedOptions {
  const { connection, namespace, identity, dataConverter, interceptors } = options;
  const { shutdownGraceTime = shutdownTimes.shutdownGraceTime } = options;
  const { shutdownForceTime = shutdownTimes.shutdownForceTime } = options;
  return {
    connection,
    shutdownGraceTime,
    shutdownForceTime,
    ...(namespace === undefined ? {} : { namespace }),
    ...(identity === undefined ? {} : { identity }),
    ...(dataConverter === undefined ? {} : { dataConverter }),
    ...(interceptors === undefined ? {} : { interceptors }),
  };
}
