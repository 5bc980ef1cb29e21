import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Runtime } from '@temporalio/worker';
import { ConfigurationError } from './config/configuration-error.js';
import { readEnvFile } from './config/env-file.js';
import { settingsFromEnvironment } from './config/from-environment.js';
import type { Settings } from './config/settings.js';
import { temporalSettings, type TemporalSettings } from './config/temporal.js';
import { failures } from './model/failures.js';
import { createLogger, temporalLogger } from './telemetry/logger.js';
import { SecretMask } from './telemetry/secret-mask.js';
import { startWorker } from './worker/start-worker.js';

export { ConfigurationError } from './config/configuration-error.js';
export { settingsFromEnvironment } from './config/from-environment.js';
export type { AccountSettings, ConnectionSettings, RedactionKeySettings, Settings } from './config/settings.js';
export { temporalSettings, type TemporalSettings } from './config/temporal.js';
export { createLogger, temporalLogger, type Logger } from './telemetry/logger.js';
export { SecretMask } from './telemetry/secret-mask.js';
export { taskQueues, type TaskQueues } from './model/task-queues.js';
export { makeParts, type AdaptParts, type Parts } from './worker/parts.js';
export { dependenciesOf, type SharedOptions } from './worker/workers.js';
export { startWorker, type RunningWorker, type WorkerParts } from './worker/start-worker.js';

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

// The file may have been started by a link. Not awaited: `require()` takes no module that awaits at its top level.
const [, started] = process.argv;
if (started !== undefined && existsSync(started) && pathToFileURL(realpathSync(started)).href === import.meta.url)
  void main();
