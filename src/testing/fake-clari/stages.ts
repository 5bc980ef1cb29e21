import { noRoute, notAuthenticated } from './answers.js';
import type { Exchange, Stage } from './exchange.js';
import { findRoute } from './routes.js';

const authenticate: Stage = (exchange) => {
  const token = exchange.request.headers['apikey'];
  if (typeof token !== 'string') return notAuthenticated('No API key found in request');
  exchange.holder = exchange.world.tokens.holder(token);
  return exchange.holder === undefined ? notAuthenticated('Invalid authentication credentials') : undefined;
};

const route: Stage = (exchange) => {
  const found = findRoute(exchange.request.method, exchange.url.pathname);
  return found === undefined ? noRoute() : found.handler(exchange, found.parameter);
};

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
