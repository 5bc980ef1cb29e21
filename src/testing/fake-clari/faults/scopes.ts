import type { EndpointName } from '../endpoint-names.js';
import type { Fault, FaultKind } from './kinds.js';

/** What rules can tell one request from another by. */
export interface FaultTarget {
  /** Undefined for an address that leads nowhere. */
  readonly endpoint: EndpointName | undefined;
  readonly method: string;
  readonly jobId: string | undefined;
  readonly forecastId: string | undefined;
  /** Of the token, if that is good. */
  readonly userId: number | undefined;
  readonly token: string | undefined;
  /** Whether it asks for a part. */
  readonly range: boolean;
  readonly acceptsGzip: boolean;
}

const creates = (endpoint: EndpointName): boolean => endpoint.startsWith('create');
const files = (endpoint: EndpointName): boolean => endpoint === 'results' || endpoint === 'link';

interface Scope {
  /** For the documentation. */
  readonly text: string;
  readonly endpoint: (endpoint: EndpointName) => boolean;
  readonly request?: (target: FaultTarget) => boolean;
}

const any: Scope = { text: 'any request', endpoint: () => true };
const anyFile: Scope = { text: 'files', endpoint: files };
const parts: Scope = {
  text: 'files, asked for in part',
  endpoint: files,
  request: ({ range, method }) => range && method === 'GET',
};

/** Which requests a kind of fault has anything to do with; for the others its rule is not there. */
export const scopes: Readonly<Record<FaultKind, Scope>> = {
  'lose-request': any,
  'revoke-token': {
    text: 'the API, with a good token',
    endpoint: (endpoint) => endpoint !== 'link',
    request: ({ userId }) => userId !== undefined,
  },
  'clock-skew': any,
  'expire-links': any,
  status: any,
  'quota-reached': { text: 'creating a job', endpoint: creates },
  duplicate: {
    text: 'creating and cancelling a job',
    endpoint: (endpoint) => creates(endpoint) || endpoint === 'cancelJob',
  },
  states: { text: 'the status of a job', endpoint: (endpoint) => endpoint === 'jobStatus' },
  'job-list-lag': { text: 'the list of jobs', endpoint: (endpoint) => endpoint === 'jobList' },
  'lose-answer': any,
  delay: any,
  gzip: any,
  etag: anyFile,
  'ignore-range': parts,
  'refuse-range': parts,
  'wrong-range': parts,
  'wrong-length': any,
  chunked: any,
  drip: any,
  shorten: any,
  cut: any,
  stall: any,
  reset: any,
};

export function concerns(fault: Fault, target: FaultTarget): boolean {
  const { endpoint, request } = scopes[fault.kind];
  if (target.endpoint === undefined ? scopes[fault.kind] !== any : !endpoint(target.endpoint)) return false;
  if (fault.kind === 'gzip' && !fault.unasked && !target.acceptsGzip) return false;
  return request?.(target) ?? true;
}
