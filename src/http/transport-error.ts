import { ExportError } from '../model/export-error.js';
import type { FailureType } from '../model/failures.js';

export interface TransportFault {
  /** What happened, as the end of a sentence; names addresses at most. */
  readonly kind: string;
  /** True when it is certain that the request never left: no connection came about. */
  readonly neverSent: boolean;
}

interface ErrorLike {
  readonly code: string;
  readonly message: string;
  readonly place: string;
  /** It came from the attempt to connect, so nothing was sent. */
  readonly connecting: boolean;
}

const unsent = (kind: string): TransportFault => ({ kind, neverSent: true });
const sent = (kind: string): TransportFault => ({ kind, neverSent: false });

const faults: Readonly<Record<string, (error: ErrorLike) => TransportFault>> = {
  ECONNREFUSED: ({ place }) => unsent(`the connection was refused${place}`),
  ENOTFOUND: ({ place }) => unsent(`DNS knows no such host${place}`),
  EAI_AGAIN: ({ place }) => unsent(`DNS did not answer${place}`),
  EHOSTUNREACH: ({ place, connecting }) => ({ kind: `there is no route to the host${place}`, neverSent: connecting }),
  ENETUNREACH: ({ place, connecting }) => ({ kind: `there is no route to the network${place}`, neverSent: connecting }),
  ETIMEDOUT: ({ place, connecting }) => ({ kind: `the connection timed out${place}`, neverSent: connecting }),
  EMFILE: () => unsent('this process has no file descriptors left'),
  ENFILE: () => unsent('this machine has no file descriptors left'),
  UND_ERR_CONNECT_TIMEOUT: ({ place }) => unsent(`no connection came about in time${place}`),
  UND_ERR_PRX_TLS: () => unsent('the proxy’s certificate is not for the proxy’s name'),
  ECONNRESET: ({ message }) =>
    message.includes('before secure TLS connection')
      ? unsent('the connection was closed during the TLS handshake')
      : sent('the connection was reset'),
  EPIPE: () => sent('the connection was reset'),
  UND_ERR_SOCKET: () => sent('the other side closed the connection'),
  UND_ERR_HEADERS_TIMEOUT: () => sent('no answer came in time'),
  UND_ERR_BODY_TIMEOUT: () => sent('the answer stalled'),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: () => sent('the answer ended before its stated length'),
  UND_ERR_HEADERS_OVERFLOW: () => sent('the answer’s headers are too large'),
};

const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet (is this machine’s clock right?)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_REVOKED: 'its certificate was revoked',
};
const UNTRUSTED =
  'its certificate is signed by an authority that is not trusted here (set NODE_EXTRA_CA_CERTS for one of your own)';
const untrusted =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY)_\w+|CERT_UNTRUSTED|INVALID_CA)$/;

/** What went wrong below HTTP, in words that hold no path, query, header or credential. */
export function describeTransportFault(error: unknown): TransportFault {
  const like = errorLike(error);
  // A proxy's refusal comes as an abort, with its status in the message alone.
  const proxy = /^Proxy response \((\d{3})\)/.exec(like.message);
  if (proxy) {
    return unsent(
      proxy[1] === '407' ? 'the proxy wants a login (407)' : `the proxy refused the connection (${proxy[1]})`,
    );
  }
  const known = faults[like.code];
  if (known) return known(like);
  const certificate = certificateFaults[like.code] ?? (untrusted.test(like.code) ? UNTRUSTED : undefined);
  if (certificate) return unsent(certificate);
  if (like.code === 'EPROTO' || like.code.startsWith('ERR_SSL_')) return sent(`TLS failed (${like.code})`);
  // undici has a code for only some of these.
  if (like.code.startsWith('HPE_') || like.code === 'HTTPParserError') return sent('the answer is not proper HTTP');
  return sent(`the transfer failed (${like.code})`);
}

/** `host` is a host name with its port, never a whole URL. */
export function transportError(type: FailureType, host: string, error: unknown): ExportError {
  const { kind, neverSent } = describeTransportFault(error);
  return new ExportError(
    type,
    neverSent ? `${host} could not be reached: ${kind}.` : `The exchange with ${host} broke off: ${kind}.`,
  );
}

function errorLike(error: unknown): ErrorLike {
  if (!(error instanceof Error)) return { code: 'unknown', message: '', place: '', connecting: false };
  // Node tries all addresses of a host and gathers what became of each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = property(error, 'code') ?? property(first, 'code') ?? error.name;
  return {
    code: /^\w{1,60}$/.test(code) ? code : 'unknown',
    message: error.message,
    place: place(first),
    connecting: property(first, 'syscall') === 'connect',
  };
}

/** The address that was tried, which may be a proxy's. */
function place(error: unknown): string {
  const address = property(error, 'address') ?? property(error, 'hostname');
  if (address === undefined || !/^[\w.:%-]{1,255}$/.test(address)) return '';
  const port = property(error, 'port');
  return ` (${port === undefined ? address : `${address} port ${port}`})`;
}

function property(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}
