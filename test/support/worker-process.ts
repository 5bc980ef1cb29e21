/** The worker as a process of its own, quick for tests: variables as an operator sets them, and one JSON object of what none may set. */
import { Runtime } from '@temporalio/worker';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import type { Settings } from '../../src/config/settings.js';
import { temporalSettings } from '../../src/config/temporal.js';
import { createLogger, temporalLogger } from '../../src/telemetry/logger.js';
import { SecretMask } from '../../src/telemetry/secret-mask.js';
import { startWorker, type WorkerParts } from '../../src/worker.js';

export interface WorkerProcessOptions {
  readonly codePath: string;
  readonly settings: Partial<Settings>;
  readonly reconciling?: WorkerParts['reconciling'];
  readonly sweepEveryMs?: number;
}

const { codePath, settings, reconciling, sweepEveryMs } = JSON.parse(process.argv.at(-1) ?? '') as WorkerProcessOptions;
const mask = new SecretMask();
const fromEnvironment = settingsFromEnvironment(process.env);
const logger = createLogger(fromEnvironment.logLevel, mask);
Runtime.install({ logger: temporalLogger(logger) });
const worker = await startWorker({ ...fromEnvironment, ...settings }, temporalSettings(process.env), {
  logger,
  mask,
  workflowBundle: { codePath },
  ...(reconciling ? { reconciling } : {}),
  ...(sweepEveryMs === undefined ? {} : { sweepEveryMs }),
});
await worker.done;
