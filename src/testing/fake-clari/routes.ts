import { auditEvents } from './endpoints/audit-events.js';
import { cancelJob } from './endpoints/cancel-job.js';
import { createActivityExport } from './endpoints/create-activity-export.js';
import { createAuditExport } from './endpoints/create-audit-export.js';
import { createForecastExport } from './endpoints/create-forecast-export.js';
import { forecastList } from './endpoints/forecast-list.js';
import { jobList, jobStatus } from './endpoints/job-status.js';
import { limits } from './endpoints/limits.js';
import { results } from './endpoints/results.js';
import type { ApiEndpoint } from './endpoint-names.js';
import { apiEndpoints, isAskedBy } from './endpoint-names.js';
import type { Handler } from './exchange.js';

/** What answers at the API. */
const ENDPOINTS = {
  limits: { path: /^\/v4\/admin\/limits$/, handler: limits },
  forecastList: { path: /^\/v4\/export\/forecast\/list$/, handler: forecastList },
  createForecastExport: { path: /^\/v4\/export\/forecast\/([^/]*)$/, handler: createForecastExport },
  createActivityExport: { path: /^\/v4\/export\/activity$/, handler: createActivityExport },
  createAuditExport: { path: /^\/v4\/export\/audit\/events$/, handler: createAuditExport },
  auditEvents: { path: /^\/v4\/audit\/events$/, handler: auditEvents },
  jobList: { path: /^\/v4\/export\/jobs$/, handler: jobList },
  jobStatus: { path: /^\/v4\/export\/jobs\/([^/]+)$/, handler: jobStatus },
  cancelJob: { path: /^\/v4\/export\/jobs\/([^/]+)$/, handler: cancelJob },
  results: { path: /^\/v4\/export\/jobs\/([^/]+)\/results$/, handler: results },
} satisfies Readonly<Record<ApiEndpoint, { path: RegExp; handler: Handler }>>;

export interface Route {
  readonly endpoint: ApiEndpoint;
  readonly handler: Handler;
  /** The variable part of the path, decoded; empty where there is none. */
  readonly parameter: string;
}

/** Where a request to the API leads; undefined: nowhere. */
export function findRoute(method: string | undefined, pathname: string): Route | undefined {
  for (const endpoint of apiEndpoints) {
    const { path, handler } = ENDPOINTS[endpoint];
    const match = isAskedBy(endpoint, method) ? path.exec(pathname) : null;
    const parameter = match === null ? undefined : decoded(match[1] ?? '');
    if (parameter !== undefined) return { endpoint, handler, parameter };
  }
  return undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
