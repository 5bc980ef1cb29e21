import { inspect } from 'node:util';
import { DefaultLogger } from '@temporalio/worker';

/** What the SDK, workflows and activities logged in this process, before any mask. */
export const sdkLogs: string[] = [];

const shown = new DefaultLogger('ERROR');

/** Keeps all, and shows what is an error. */
export const sdkLogger = new DefaultLogger('DEBUG', ({ level, message, meta }) => {
  sdkLogs.push(inspect({ level, message, meta }, { depth: null }));
  shown.log(level, message, meta);
});
