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
import type { Handler } from './exchange.js';

/** What answers at the API. */
const ENDPOINTS = {
  limits: { method: 'GET', path: /^\/v4\/admin\/limits$/, handler: limits },
  forecastList: { method: 'GET', path: /^\/v4\/export\/forecast\/list$/, handler: forecastList },
  createForecastExport: { method: 'POST', path: /^\/v4\/export\/forecast\/([^/]*)$/, handler: createForecastExport },
  createActivityExport: { method: 'POST', path: /^\/v4\/export\/activity$/, handler: createActivityExport },
  createAuditExport: { method: 'POST', path: /^\/v4\/export\/audit\/events$/, handler: createAuditExport },
  auditEvents: { method: 'GET', path: /^\/v4\/audit\/events$/, handler: auditEvents },
  jobList: { method: 'GET', path: /^\/v4\/export\/jobs$/, handler: jobList },
  jobStatus: { method: 'GET', path: /^\/v4\/export\/jobs\/([^/]+)$/, handler: jobStatus },
  cancelJob: { method: 'PATCH', path: /^\/v4\/export\/jobs\/([^/]+)$/, handler: cancelJob },
  results: { method: 'GET', path: /^\/v4\/export\/jobs\/([^/]+)\/results$/, handler: results },
} satisfies Readonly<Record<ApiEndpoint, { method: 'GET' | 'POST' | 'PATCH'; path: RegExp; handler: Handler }>>;

export interface Route {
  readonly endpoint: ApiEndpoint;
  readonly handler: Handler;
  /** The variable part of the path, decoded; empty where there is none. */
  readonly parameter: string;
}

/** Where a request to the API leads; undefined: nowhere. HEAD is answered as GET is. */
export function findRoute(method: string | undefined, pathname: string): Route | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const [endpoint, { method: own, path, handler }] of Object.entries(ENDPOINTS)) {
    const match = own === wanted ? path.exec(pathname) : null;
    const parameter = match === null ? undefined : decoded(match[1] ?? '');
    if (parameter !== undefined) return { endpoint: endpoint as ApiEndpoint, handler, parameter };
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
