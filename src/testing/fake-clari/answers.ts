import { randomUUID } from 'node:crypto';
import type { Answer, Exchange } from './exchange.js';

export const ok = (body: unknown): Answer => ({ kind: 'json', status: 200, body });

/** The gateway's answer to a missing, unknown or revoked token. */
export const notAuthenticated = (message: string): Answer => ({ kind: 'json', status: 401, body: { message } });

/** The gateway's answer to an address that leads nowhere. */
export const noRoute = (): Answer => ({
  kind: 'json',
  status: 404,
  body: { message: 'no Route matched with those values', request_id: randomUUID().replaceAll('-', '') },
});

export interface CodedError {
  readonly status: number;
  readonly code: string;
  readonly namespace: 'exports' | 'fcw';
  readonly message: string;
  /** Only some errors have it. */
  readonly source?: string;
}

/** An error of the application behind the gateway. */
export const coded = ({ world }: Exchange, { status, code, namespace, message, source }: CodedError): Answer => ({
  kind: 'json',
  status,
  body: {
    code,
    namespace,
    errorId: randomUUID(),
    message,
    orgId: world.settings.orgId,
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
