import type { PostIntent } from '../model/account.js';
import type { ExportForecastRequest } from '../model/request.js';
import { contentHash } from './content-hash.js';
import type { ActivityDependencies, Connection } from './dependencies.js';
import { reconcile, type Adopted } from './reconcile.js';

/** What is known of a POST whose answer was lost. */
export interface LostPost {
  readonly request: ExportForecastRequest;
  readonly intent: PostIntent;
  /** Milliseconds since then. */
  readonly waitedMs: number;
  /** Jobs of other exports. */
  readonly takenJobIds: readonly string[];
}

/** Looks for the job of a POST whose answer was lost, as `reconcile` says. */
export function lostJob(
  dependencies: ActivityDependencies,
  connection: Connection,
  { request, intent, waitedMs, takenJobIds }: LostPost,
  signal: AbortSignal,
): Promise<Adopted | undefined> {
  return reconcile({
    clari: connection.clari,
    request,
    intent,
    waitedMs,
    takenJobIds,
    signal,
    times: dependencies.reconciling,
    contentOf: (jobId) => contentHash(dependencies, connection, jobId, signal),
  });
}
