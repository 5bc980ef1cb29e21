import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createDispatcher } from '../../src/http/dispatcher.js';
import { createClariApi, type ClariApiOptions } from '../../src/clari/clari-api.js';
import type { ClariApi } from '../../src/clari/port.js';
import type { Secret } from '../../src/secrets/port.js';
import { serve, type Closing, type TestServer } from '../support/http-server.js';

export interface Seen {
  readonly call: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

type Reply = (response: ServerResponse, seen: Seen) => void;

export const TOKEN = 'token-of-the-test';
export const JOB = '66f0aa10c3d4e5f60718a9b2';

/** Answers with JSON, or with text as it is. */
export function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

export interface ScriptedClari {
  readonly api: ClariApi;
  readonly seen: Seen[];
  readonly server: TestServer;
}

/** A server that answers each call with the next of the given replies (the last one for ever), and a client of it. */
export async function startClari(
  closing: Closing,
  replies: readonly Reply[],
  options: Partial<ClariApiOptions> = {},
): Promise<ScriptedClari> {
  const seen: Seen[] = [];
  const server = closing.add(
    await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        const entry = { call: `${request.method} ${request.url}`, headers: request.headers, body };
        const next = replies[Math.min(seen.length, replies.length - 1)];
        seen.push(entry);
        next?.(response, entry);
      });
    }),
  );
  const dispatcher = closing.add(createDispatcher());
  const api = createClariApi({ baseUrl: `${server.origin}/v4`, token: fixedToken(TOKEN), dispatcher, ...options });
  return { api, seen, server };
}

/** Gives the values one after the other, the last one for ever. */
export function fixedToken(...values: string[]): Secret {
  let reads = 0;
  return {
    reference: 'env:TEST_TOKEN',
    read: () => Promise.resolve(values[Math.min(reads++, values.length - 1)] ?? ''),
    forget: () => undefined,
  };
}
