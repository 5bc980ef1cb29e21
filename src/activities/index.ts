import { awaitCapacity } from './await-capacity.js';
import { awaitExport } from './await-export.js';
import { cancelExport } from './cancel-export.js';
import type { ActivityDependencies } from './dependencies.js';
import { discardStaging } from './discard-staging.js';
import { downloadExport } from './download-export.js';
import { downloadParts } from './download-parts.js';
import { exportParts } from './export-parts.js';
import { listForecasts } from './list-forecasts.js';
import { redactExport } from './redact-export.js';
import { resolveConnection } from './resolve-connection.js';
import { startExport } from './start-export.js';
import { storeExport } from './store-export.js';
import type { AccountActivities, CleanupActivities, ResolvingActivities, StagingActivities } from './types.js';
import { verifyAuth } from './verify-auth.js';

export { createAccountLedger, type AccountLedger } from './account-ledger.js';
export type { ActivityDependencies, Connection } from './dependencies.js';
export { reconcilingTimes, type ReconcilingTimes } from './reconcile.js';
export { Turnstile } from './turnstile.js';
export type { AccountActivities, CleanupActivities, ResolvingActivities, StagingActivities } from './types.js';
export type { ActivityLimits, ActivityLimitOverrides } from '../model/activity-limits.js';
export type * from '../model/steps.js';
export type { TaskQueues } from '../model/task-queues.js';
export type * from '../clari/port.js';
export type * from '../destinations/port.js';
export type { LinkRules } from '../download/link-rules.js';
export type * from '../redaction/port.js';
export type * from '../staging/port.js';

/** Activities by the queue that they run on, made from their ports. */
export interface Activities {
  readonly resolving: ResolvingActivities;
  readonly account: AccountActivities;
  readonly staging: StagingActivities;
  readonly cleanup: CleanupActivities;
}

export function createActivities(dependencies: ActivityDependencies): Activities {
  return {
    resolving: { resolveConnection: resolveConnection(dependencies) },
    account: {
      verifyAuth: verifyAuth(dependencies),
      listForecasts: listForecasts(dependencies),
      startExport: startExport(dependencies),
      awaitCapacity: awaitCapacity(dependencies),
      awaitExport: awaitExport(dependencies),
      exportParts: exportParts(dependencies),
      cancelExport: cancelExport(dependencies),
    },
    staging: {
      downloadExport: downloadExport(dependencies),
      downloadParts: downloadParts(dependencies),
      redactExport: redactExport(dependencies),
      storeExport: storeExport(dependencies),
    },
    cleanup: { discardStaging: discardStaging(dependencies) },
  };
}
