import { noRoute, notAuthenticated } from './answers.js';
import { cancelJob } from './endpoints/cancel-job.js';
import { createForecastExport } from './endpoints/create-forecast-export.js';
import { forecastList } from './endpoints/forecast-list.js';
import { jobList, jobStatus } from './endpoints/job-status.js';
import { limits } from './endpoints/limits.js';
import { results } from './endpoints/results.js';
import type { Exchange, Handler, Stage } from './exchange.js';

interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: RegExp;
  readonly handler: Handler;
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/v4\/admin\/limits$/, handler: limits },
  { method: 'GET', path: /^\/v4\/export\/forecast\/list$/, handler: forecastList },
  { method: 'POST', path: /^\/v4\/export\/forecast\/([^/]*)$/, handler: createForecastExport },
  { method: 'GET', path: /^\/v4\/export\/jobs$/, handler: jobList },
  { method: 'GET', path: /^\/v4\/export\/jobs\/([^/]+)$/, handler: jobStatus },
  { method: 'PATCH', path: /^\/v4\/export\/jobs\/([^/]+)$/, handler: cancelJob },
  { method: 'GET', path: /^\/v4\/export\/jobs\/([^/]+)\/results$/, handler: results },
];

const authenticate: Stage = (exchange) => {
  const token = exchange.request.headers['apikey'];
  if (typeof token !== 'string') return notAuthenticated('No API key found in request');
  exchange.holder = exchange.world.tokens.holder(token);
  return exchange.holder === undefined ? notAuthenticated('Invalid authentication credentials') : undefined;
};

const route: Stage = (exchange) => {
  const method = exchange.request.method === 'HEAD' ? 'GET' : exchange.request.method;
  for (const { method: wanted, path, handler } of ROUTES) {
    const match = wanted === method ? path.exec(exchange.url.pathname) : null;
    const parameter = match === null ? undefined : decoded(match[1] ?? '');
    if (parameter !== undefined) return handler(exchange, parameter);
  }
  return noRoute();
};

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The way of every API request, in order; the first stage that answers ends it. A fault is a stage put in front of these. */
export const apiStages: readonly Stage[] = [authenticate, route];

/** The link host looks at nothing but the link. */
export const linkStages: readonly Stage[] = [
  ({ world, url, request }: Exchange) => {
    const get = request.method === 'GET';
    const jobId = get || request.method === 'HEAD' ? world.links.open(url, get) : undefined;
    const job = jobId === undefined ? undefined : world.jobs.get(jobId);
    if (job?.state !== 'done' || (job.expiredTime ?? 0) <= world.settings.now()) return refusedLink;
    if (get) world.jobs.countDownload(job.jobId);
    return { kind: 'file', served: world.files.ofJob(job) };
  },
];

const refusedLink = {
  kind: 'text',
  status: 403,
  contentType: 'application/xml',
  text: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
} as const;
