import { quotaReached, refusal } from '../answers.js';
import { usualCode, usualEnvelope } from '../envelopes.js';
import type { Answer, Exchange, Stage } from '../exchange.js';
import type { FaultOf } from './kinds.js';

/** What a fault changes for good. */
const change: Stage = ({ world, faults, request, entry }) => {
  const skew = faults.of('clock-skew');
  if (skew !== undefined) world.skewClock(skew.ms);
  const expiry = faults.of('expire-links');
  // A download that is to break off half-way needs its link until it has begun.
  if (expiry !== undefined && (expiry.afterBytes === undefined || entry.server === 'api'))
    world.links.expireAll(expiry);
  const token = request.headers['apikey'];
  if (faults.of('revoke-token') !== undefined && typeof token === 'string') world.tokens.revoke(token);
  return undefined;
};

const refuse: Stage = (exchange) => {
  const status = exchange.faults.of('status');
  return status === undefined || status.processed ? undefined : statusAnswer(exchange, status);
};

/** What faults do in front of everything else. */
export const faultStages: readonly Stage[] = [change, refuse];

/** What a fault does between the token's check and the endpoint. */
export const quotaStage: Stage = (exchange) =>
  exchange.faults.of('quota-reached') === undefined ? undefined : quotaReached(exchange);

export function statusAnswer(exchange: Exchange, fault: FaultOf<'status'>): Answer {
  const { status, envelope = usualEnvelope(status), code = usualCode(status), retryAfter } = fault;
  const answer = refusal(exchange, envelope, { ...fault, code });
  if (retryAfter === undefined) return answer;
  const text =
    typeof retryAfter === 'object'
      ? new Date(exchange.world.settings.now() + retryAfter.dateIn * 1000).toUTCString()
      : String(retryAfter);
  return { ...answer, headers: { 'retry-after': text } };
}
