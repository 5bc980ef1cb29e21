import type { Dispatcher } from 'undici';
import { deadline } from '../http/deadline.js';
import { header, type AnswerHeaders } from '../http/headers.js';
import { describeTransportFault } from '../http/transport-error.js';
import { userAgent } from '../http/user-agent.js';
import type { BaseUrl } from './base-url.js';
import { ClariError } from './clari-error.js';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below the base URL, encoded, without a query. */
  readonly path: string;
  readonly body?: unknown;
  /** Bound on a successful answer's body. Default 8 MiB. */
  readonly maxBytes?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
}

export interface Line {
  readonly base: BaseUrl;
  readonly dispatcher: Dispatcher;
  readonly requestTimeoutMs: number;
}

export const nameOf = (call: Call): string => `${call.method} ${call.path}`;
/** The one call that can't be repeated without harm. */
export const makesJob = (call: Call): boolean => call.method === 'POST';

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** An error's body is read for its code and ids, which come early. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Sends one call once. Follows no redirect: the token is for the configured host alone.
 * @throws ClariError where no whole answer came; the signal's reason where it aborted before anything could be made
 */
export async function send(line: Line, call: Call, token: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const bound = deadline(signal, line.requestTimeoutMs);
  try {
    return await exchange(line, call, token, bound.signal);
  } catch (error) {
    if (error instanceof ClariError) throw error;
    // A cancelled POST may have made its job: that is worth more to the caller than the reason of the cancellation.
    if (signal.aborted && !makesJob(call)) throw signal.reason;
    const fault = signal.aborted
      ? { kind: 'the call was cancelled before its answer came', neverSent: false }
      : bound.timedOut
        ? { kind: 'no whole answer came in time', neverSent: false }
        : describeTransportFault(error);
    throw new ClariError('ClariUnreachable', `${nameOf(call)} at ${line.base.host} failed: ${fault.kind}.`, {
      outcomeUnknown: makesJob(call) && !fault.neverSent,
    });
  } finally {
    bound.release();
  }
}

async function exchange({ base, dispatcher }: Line, call: Call, token: string, signal: AbortSignal): Promise<Answer> {
  const {
    statusCode: status,
    headers,
    body,
  } = await dispatcher.request({
    origin: base.origin,
    path: `${base.prefix}${call.path}`,
    method: call.method,
    headers: {
      apikey: token,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: call.body === undefined ? null : JSON.stringify(call.body),
    signal,
  });
  const success = status >= 200 && status < 300;
  const limit = success ? (call.maxBytes ?? MAX_ANSWER_BYTES) : MAX_ERROR_BYTES;
  const { text, whole } = await readText(body, limit);
  if (success && !whole) {
    throw new ClariError('ClariAnswerUnreadable', `Clari’s answer to ${nameOf(call)} is longer than ${limit} bytes.`, {
      status,
      outcomeUnknown: makesJob(call),
    });
  }
  if (status >= 300 && status < 400) throw redirectError(base, call, status, header(headers, 'location'));
  return { status, headers, text };
}

async function readText(body: AsyncIterable<Buffer>, limit: number): Promise<{ text: string; whole: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) return { text: Buffer.concat(chunks).toString('utf8', 0, limit), whole: false };
  }
  return { text: Buffer.concat(chunks).toString('utf8'), whole: true };
}

function redirectError(base: BaseUrl, call: Call, status: number, location: string | undefined): ClariError {
  const to =
    location !== undefined && URL.canParse(location, base.origin) ? ` to ${new URL(location, base.origin).host}` : '';
  return new ClariError(
    'EndpointNotFound',
    `Clari answered ${nameOf(call)} with a redirect (${status})${to}, which is not followed.`,
    {
      status,
      outcomeUnknown: makesJob(call),
    },
  );
}
