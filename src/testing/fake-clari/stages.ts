import { noRoute, notAuthenticated, refusal } from './answers.js';
import type { Answer, Exchange, Stage } from './exchange.js';
import { processed } from './faults/processing.js';
import { faultStages, quotaStage } from './faults/stages.js';
import type { LinkRefusal } from './links.js';
import { LAPSED } from './links.js';
import { findRoute } from './routes.js';

const authenticate: Stage = (exchange) => {
  const token = exchange.request.headers['apikey'];
  if (typeof token !== 'string') return notAuthenticated('No API key found in request');
  exchange.holder = exchange.world.tokens.holder(token);
  return exchange.holder === undefined ? notAuthenticated('Invalid authentication credentials') : undefined;
};

const route: Stage = (exchange) => {
  const found = findRoute(exchange.request.method, exchange.url.pathname);
  return processed(exchange, () => (found === undefined ? noRoute() : found.handler(exchange, found.parameter)));
};

/** The way of every API request, in order; the first stage that answers ends it. */
export const apiStages: readonly Stage[] = [...faultStages, authenticate, quotaStage, route];

/** The link host looks at nothing but the link. */
const link: Stage = (exchange) => processed(exchange, () => linkAnswer(exchange));

function linkAnswer(exchange: Exchange): Answer {
  const { world, url, request, faults } = exchange;
  const use = request.method === 'GET';
  const opened = use || request.method === 'HEAD' ? world.links.open(url, use) : LAPSED;
  if (typeof opened !== 'string') return refusedLink(exchange, opened);
  const job = world.jobs.get(opened);
  if (job?.state !== 'done' || (job.expiredTime ?? 0) <= world.settings.now()) return refusedLink(exchange, LAPSED);
  if (use) world.jobs.countDownload(job.jobId);
  const expiry = faults.of('expire-links');
  if (expiry !== undefined) world.links.expireAll(expiry);
  return { kind: 'file', served: world.files.ofJob(job) };
}

const refusedLink = (exchange: Exchange, { status, envelope }: LinkRefusal): Answer =>
  refusal(exchange, envelope, { status, message: 'Request has expired' });

export const linkStages: readonly Stage[] = [...faultStages, link];
