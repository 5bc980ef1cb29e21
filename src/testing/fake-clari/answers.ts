import type { EnvelopeName, Namespace } from './envelopes.js';
import { codedBody, envelopes, gatewayBody } from './envelopes.js';
import type { Answer, Exchange } from './exchange.js';

export const ok = (body: unknown): Answer => ({ kind: 'json', status: 200, body });

/** A refusal in any of the forms that Clari, its gateway and whatever stands between have. */
export function refusal(
  exchange: Exchange,
  envelope: EnvelopeName,
  {
    status,
    code = 'internal_server_error',
    namespace = 'exports',
    message = 'The request was refused.',
  }: { readonly status: number; readonly code?: string; readonly namespace?: Namespace; readonly message?: string },
): Answer & { readonly kind: 'text' } {
  const { orgId } = exchange.world.settings;
  return { kind: 'text', status, ...envelopes[envelope]({ status, code, namespace, message, orgId }) };
}

/** The gateway's answer to a missing, unknown or revoked token. */
export const notAuthenticated = (message: string): Answer => ({ kind: 'json', status: 401, body: { message } });

/** The gateway's answer to an address that leads nowhere. */
export const noRoute = (): Answer => ({
  kind: 'json',
  status: 404,
  body: gatewayBody('no Route matched with those values'),
});

export interface CodedError {
  readonly status: number;
  readonly code: string;
  readonly namespace: Namespace;
  readonly message: string;
  /** Only some errors have it. */
  readonly source?: string;
}

/** An error of the application behind the gateway. */
export const coded = (
  { world, holder }: Exchange,
  { status, code, namespace, message, source }: CodedError,
): Answer => ({
  kind: 'json',
  status,
  body: {
    ...codedBody({ code, namespace, message, orgId: world.settings.orgId }),
    ...(namespace === 'activity' && holder !== undefined ? { userId: holder.userId } : {}),
    ...(source === undefined ? {} : { source }),
  },
});

export const internalError = (exchange: Exchange): Answer =>
  coded(exchange, {
    status: 500,
    code: 'internal_server_error',
    namespace: 'exports',
    message: 'An unexpected error occurred.',
  });

/** One answer for both limits. */
export const quotaReached = (exchange: Exchange): Answer => {
  const { concurrentLimit, monthlyQuota } = exchange.world.settings;
  return coded(exchange, {
    status: 400,
    code: 'export_monthly_quota_reached',
    namespace: 'exports',
    message:
      `The limit of ${concurrentLimit} concurrent exports or the monthly quota of ` +
      `${monthlyQuota} exports has been reached.`,
    source: 'Export',
  });
};
