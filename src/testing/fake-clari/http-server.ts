import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { internalError } from './answers.js';
import { control } from './control.js';
import type { Answer, Exchange, Stage } from './exchange.js';
import { lose } from './faults/connection.js';
import type { FaultTarget } from './faults/scopes.js';
import type { JournalEntry, OpenEntry } from './journal.js';
import { send } from './send.js';
import { targetOf } from './fault-target.js';
import type { World } from './world.js';

/** A server whose every request is written into the journal and goes through `stages`. */
export function stagedServer(world: World, name: JournalEntry['server'], stages: readonly Stage[]): Server {
  return createServer((request, response) => {
    // What breaks while a control request is read breaks that request alone.
    answer(world, name, stages, request, response).catch(() => response.destroy());
  });
}

async function answer(
  world: World,
  name: JournalEntry['server'],
  stages: readonly Stage[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (name === 'api' && (await control(world, request, response))) return;
  // Resolving against a base instead would throw on a path like `//`.
  const url = new URL(`http://fake.invalid${request.url?.startsWith('/') === true ? request.url : '/'}`);
  const target = targetOf(world, name, request, url);
  const entry = openEntry(world, name, request, url, target);
  const faults = world.faults.strike(target, entry);
  const gone = new AbortController();
  const exchange: Exchange = {
    ...{ world, request, response, url, entry, faults },
    ...{ gone: gone.signal, body: undefined, holder: undefined },
  };
  response.on('close', () => {
    entry.end = response.writableFinished ? 'whole' : 'broken';
    world.journal.changed(entry);
    gone.abort();
  });
  world.journal.open(entry);
  const lost = faults.of('lose-request');
  try {
    if (lost !== undefined) await lose(exchange, lost.how);
    else await send(exchange, await firstAnswer(stages, exchange));
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

function openEntry(
  world: World,
  server: JournalEntry['server'],
  request: IncomingMessage,
  url: URL,
  { endpoint, jobId }: FaultTarget,
): OpenEntry {
  const path = new URL(url);
  for (const secret of ['signature', 'expires']) path.searchParams.delete(secret);
  const shown = [request.url ?? '', ...request.rawHeaders].join('\n');
  return {
    at: Date.now(),
    server,
    endpoint,
    method: request.method ?? '',
    path: world.tokens.masked(`${path.pathname}${path.search}`),
    apikeyPresent: request.headers['apikey'] !== undefined || world.tokens.areIn(shown),
    range: request.headers.range,
    ifRange: typeof request.headers['if-range'] === 'string' ? request.headers['if-range'] : undefined,
    jobId: jobId === undefined ? undefined : world.tokens.masked(jobId),
    duplicateJobId: undefined,
    faults: [],
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
