import type { IncomingMessage } from 'node:http';
import type { FaultTarget } from './faults/scopes.js';
import { acceptsGzip } from './gzip.js';
import type { JournalEntry } from './journal.js';
import { jobOfLinkPath } from './links.js';
import { findRoute } from './routes.js';
import type { World } from './world.js';

const JOB_ENDPOINTS: readonly unknown[] = ['jobStatus', 'cancelJob', 'results'];

/** What fault rules can see of a request. */
export function targetOf(
  { jobs, tokens }: World,
  server: JournalEntry['server'],
  { method = '', headers }: IncomingMessage,
  { pathname }: URL,
): FaultTarget {
  const route = server === 'api' ? findRoute(method, pathname) : undefined;
  const jobOfRoute = JOB_ENDPOINTS.includes(route?.endpoint) ? route?.parameter : undefined;
  const jobId = server === 'link' ? jobOfLinkPath(pathname) : jobOfRoute;
  const token = server === 'api' && typeof headers['apikey'] === 'string' ? headers['apikey'] : undefined;
  return {
    endpoint: server === 'link' ? 'link' : route?.endpoint,
    method,
    jobId,
    forecastId: route?.endpoint === 'createForecastExport' ? route.parameter : forecastOf(jobs.get(jobId ?? '')),
    userId: tokens.holder(token)?.userId,
    token,
    range: headers.range !== undefined,
    acceptsGzip: acceptsGzip(headers['accept-encoding']),
  };
}

function forecastOf(job: { readonly request: object } | undefined): string | undefined {
  const { forecastId } = (job?.request ?? {}) as { readonly forecastId?: string };
  return forecastId;
}
