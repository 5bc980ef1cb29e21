import { randomUUID } from 'node:crypto';

/** The forms in which Clari, its gateway and whatever stands between say no. */
export const envelopeNames = [
  'none',
  'empty',
  'coded',
  'errors',
  'message',
  'opportunity',
  'gateway-error',
  'gateway-message',
  'html',
  'xml',
  'text',
] as const;

export type EnvelopeName = (typeof envelopeNames)[number];

export const namespaces = ['exports', 'fcw', 'activity'] as const;

export type Namespace = (typeof namespaces)[number];

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly namespace: Namespace;
  readonly message: string;
  readonly orgId: number;
}

interface Body {
  readonly contentType: string | undefined;
  readonly text: string;
}

const json = (body: unknown): Body => ({ contentType: 'application/json', text: JSON.stringify(body) });

/** What the application behind the gateway says. */
export const codedBody = ({ code, namespace, message, orgId }: Omit<Refusal, 'status'>) => ({
  code,
  namespace,
  errorId: randomUUID(),
  message,
  orgId,
});

/** What the gateway says. */
export const gatewayBody = (message: string) => ({ message, request_id: randomUUID().replaceAll('-', '') });

/** Each form, from what is to be said. */
export const envelopes: Readonly<Record<EnvelopeName, (refusal: Refusal) => Body>> = {
  none: () => ({ contentType: undefined, text: '' }),
  empty: () => ({ contentType: 'application/json', text: '' }),
  coded: (refusal) => json(codedBody(refusal)),
  errors: ({ code, message, status }) => json({ errors: [{ code, message, status }] }),
  message: ({ message }) => json({ message }),
  // The misspelling is Clari's.
  opportunity: ({ status, message }) =>
    json([{ statusCode: status, reaspnPhrase: 'Refused', description: message, details: '' }]),
  'gateway-error': ({ message }) => json({ error: message }),
  'gateway-message': ({ message }) => json(gatewayBody(message)),
  html: ({ status, message }) => ({
    contentType: 'text/html; charset=utf-8',
    text: `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${escaped(message)}</h1></body></html>\n`,
  }),
  xml: ({ message }) => ({
    contentType: 'application/xml',
    text: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>${escaped(message)}</Message></Error>`,
  }),
  text: ({ message }) => ({ contentType: 'text/plain; charset=utf-8', text: message }),
};

/** What Clari says with a status where nobody has said what; the rest as a gateway that has failed. */
const USUAL: Readonly<Record<number, { readonly envelope: EnvelopeName; readonly code?: string }>> = {
  400: { envelope: 'coded', code: 'bad_request' },
  401: { envelope: 'message' },
  403: { envelope: 'coded', code: 'SWW' },
  429: { envelope: 'gateway-error' },
};

export const usualEnvelope = (status: number): EnvelopeName => USUAL[status]?.envelope ?? 'gateway-message';
export const usualCode = (status: number): string => USUAL[status]?.code ?? 'internal_server_error';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
