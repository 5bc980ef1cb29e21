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
  /** Undefined at the link host, which asks for none. */
  readonly token: string | undefined;
  /** Whether it asks for a part. */
  readonly range: boolean;
  readonly acceptsGzip: boolean;
}

const everywhere = (): boolean => true;
const creates = (endpoint: EndpointName): boolean => endpoint.startsWith('create');
const files = (endpoint: EndpointName): boolean => endpoint === 'results' || endpoint === 'link';

interface Scope {
  /** For the documentation and for refusals. */
  readonly text: string;
  readonly endpoint: (endpoint: EndpointName) => boolean;
  /** Default every one. */
  readonly method?: (method: string) => boolean;
  /** Only requests for a part of a file. */
  readonly part?: true;
  /** Only requests with a token that is good. */
  readonly goodToken?: true;
}

const any: Scope = { text: 'any request', endpoint: everywhere };
const anyBody: Scope = { text: 'any request but HEAD', endpoint: everywhere, method: (method) => method !== 'HEAD' };
const anyFile: Scope = { text: 'files', endpoint: files };
const parts: Scope = {
  text: 'files, asked for in part',
  endpoint: files,
  method: (method) => method === 'GET',
  part: true,
};
const creating: Scope = { text: 'creating a job, with a good token', endpoint: creates, goodToken: true };

/** Which requests a kind of fault has anything to do with; for the others its rule is not there. */
export const scopes: Readonly<Record<FaultKind, Scope>> = {
  'lose-request': any,
  'revoke-token': {
    text: 'the API, with a good token',
    endpoint: (endpoint) => endpoint !== 'link',
    goodToken: true,
  },
  'clock-skew': any,
  'expire-links': any,
  status: any,
  'quota-reached': creating,
  job: creating,
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
  drip: anyBody,
  shorten: any,
  cut: anyBody,
  stall: anyBody,
  reset: anyBody,
};

export function concerns(fault: Fault, target: FaultTarget): boolean {
  const { endpoint, method, part, goodToken } = scopes[fault.kind];
  if (target.endpoint === undefined ? endpoint !== everywhere : !endpoint(target.endpoint)) return false;
  if (method?.(target.method) === false) return false;
  if (part === true && !target.range) return false;
  if (goodToken === true && target.userId === undefined) return false;
  return fault.kind !== 'gzip' || fault.unasked || target.acceptsGzip;
}
