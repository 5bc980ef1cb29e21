import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { internalError } from './answers.js';
import type { Answer, Exchange, Stage } from './exchange.js';
import type { JournalEntry, OpenEntry } from './journal.js';
import { jobOfLinkPath } from './links.js';
import { send } from './send.js';
import type { World } from './world.js';

/** A server whose every request is written into the journal and goes through `stages`. */
export function stagedServer(world: World, name: JournalEntry['server'], stages: readonly Stage[]): Server {
  return createServer((request, response) => {
    void answer(world, name, stages, request, response);
  });
}

async function answer(
  world: World,
  name: JournalEntry['server'],
  stages: readonly Stage[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Resolving against a base instead would throw on a path like `//`.
  const url = new URL(`http://fake.invalid${request.url?.startsWith('/') === true ? request.url : '/'}`);
  const entry = openEntry(world, name, request, url);
  const exchange: Exchange = { world, request, response, url, entry, holder: undefined };
  response.on('close', () => {
    entry.end = response.writableFinished ? 'whole' : 'broken';
    world.journal.changed(entry);
  });
  world.journal.open(entry);
  try {
    await send(exchange, await firstAnswer(stages, exchange));
  } catch {
    if (response.headersSent) response.destroy();
    else await send(exchange, internalError(exchange));
  }
}

async function firstAnswer(stages: readonly Stage[], exchange: Exchange): Promise<Answer> {
  for (const stage of stages) {
    const answer = await stage(exchange);
    if (answer !== undefined) return answer;
  }
  return internalError(exchange);
}

function openEntry(world: World, server: JournalEntry['server'], request: IncomingMessage, url: URL): OpenEntry {
  const path = new URL(url);
  for (const secret of ['signature', 'expires']) path.searchParams.delete(secret);
  const shown = [request.url ?? '', ...request.rawHeaders].join('\n');
  return {
    at: Date.now(),
    server,
    method: request.method ?? '',
    path: `${path.pathname}${path.search}`,
    apikeyPresent:
      request.headers['apikey'] !== undefined || world.tokens.everKnown().some((token) => shown.includes(token)),
    range: request.headers.range,
    ifRange: typeof request.headers['if-range'] === 'string' ? request.headers['if-range'] : undefined,
    jobId: server === 'link' ? jobOfLinkPath(url.pathname) : undefined,
    status: undefined,
    bytesSent: 0,
    end: undefined,
  };
}

/** @throws Error of the system when the port is taken */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Stops listening and ends open connections. Repeating it is harmless. */
export async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
