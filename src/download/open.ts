import type { Dispatcher } from 'undici';
import { header, type AnswerHeaders } from '../http/headers.js';
import { transportError, describeTransportFault } from '../http/transport-error.js';
import { userAgent } from '../http/user-agent.js';
import { ExportError } from '../model/export-error.js';
import type { LinkRules } from './link-rules.js';
import type { Link } from './types.js';

export interface Opened {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Dispatcher.ResponseData['body'];
  /** Host with its port, for messages. */
  readonly host: string;
  /** Whether the answer came from where the link rules apply. */
  readonly foreign: boolean;
}

export interface Way {
  readonly dispatcher: Dispatcher;
  readonly rules: LinkRules;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 3;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Requests a link, following up to three redirects by hand: each target must pass the rules as if it were the link, and what
 * was meant for the first host stays with it.
 * @throws ExportError `LinkRefused`; `ClariUnreachable` where no connection came about; `DownloadInterrupted` where no answer did
 */
export async function open(way: Way, link: Link, extra: Readonly<Record<string, string>>): Promise<Opened> {
  let url = parse(link.url);
  let { headers, foreign } = link;
  for (let hops = 0; ; hops++) {
    const { statusCode: status, headers: answered, body } = await request(way, url, foreign, { ...extra, ...headers });
    const location = header(answered, 'location');
    if (!redirects.has(status) || location === undefined)
      return { status, headers: answered, body, host: url.host, foreign };
    discard(body);
    if (hops === MAX_REDIRECTS)
      throw new ExportError('LinkRefused', `The download link’s host ${url.host} redirects without end.`);
    const next = parse(location, url);
    if (next.origin !== url.origin) {
      headers = {};
      foreign = true;
    }
    url = next;
  }
}

async function request(
  way: Way,
  url: URL,
  foreign: boolean,
  headers: Readonly<Record<string, string>>,
): Promise<Dispatcher.ResponseData> {
  if (foreign) way.rules.check(url);
  const dispatcher = foreign ? way.rules.dispatcher : way.dispatcher;
  try {
    return await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: { 'accept-encoding': 'identity', 'user-agent': userAgent, ...headers },
      signal: way.signal,
      headersTimeout: way.idleTimeoutMs,
      bodyTimeout: way.idleTimeoutMs,
    });
  } catch (error) {
    way.signal.throwIfAborted();
    if (error instanceof ExportError) throw error;
    const { neverSent } = describeTransportFault(error);
    throw transportError(neverSent ? 'ClariUnreachable' : 'DownloadInterrupted', url.host, error);
  }
}

/** Drops an answer's body. Destroying it without a listener would end the process with an unhandled error. */
export function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined).destroy();
}

/** The beginning of a refusal's body, as far as it comes. */
export async function bodyStart(body: Dispatcher.ResponseData['body'], limit = 16 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= limit) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(chunks).toString('utf8', 0, limit);
}

function parse(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) {
    throw new ExportError(
      'LinkRefused',
      `The download link${base ? ` that ${base.host} redirects to` : ''} is no URL.`,
    );
  }
  return new URL(text, base?.href);
}
