import type { Answer, Exchange } from './exchange.js';
import { ended, lose, pause } from './faults/connection.js';
import type { Delivery, Ending } from './faults/delivery.js';
import { deliveryOf } from './faults/delivery.js';
import type { Reply } from './reply.js';
import { replyTo } from './reply.js';

/** Sends an answer, with what faults do on its way; a connection that breaks meanwhile is no error here. */
export async function send(exchange: Exchange, answer: Answer): Promise<void> {
  const { faults, request, response, gone, entry } = exchange;
  const delay = faults.of('delay');
  if (delay !== undefined) await pause(delay.ms, gone);
  const lost = faults.of('lose-answer');
  if (lost !== undefined) {
    await lose(exchange, lost.how);
    return;
  }
  const reply = await replyTo(exchange, answer);
  const delivery = deliveryOf(faults, entry.server === 'link');
  begin(exchange, reply, delivery);
  if (request.method === 'HEAD') response.end();
  else await finish(exchange, await deliver(exchange, reply.body, delivery));
}

function begin({ world, response, entry }: Exchange, { status, headers }: Reply, { atEnd }: Delivery): void {
  const date = new Date(world.settings.now()).toUTCString();
  response.writeHead(status, { date, ...headers, ...(atEnd === 'close' ? { connection: 'close' } : {}) });
  entry.status = status;
  world.journal.changed(entry);
}

/** Sends what is to go out of a body, no faster than it is read; tells how it ends. */
async function deliver(
  exchange: Exchange,
  body: Reply['body'],
  { most, atMost, atEnd, drip }: Delivery,
): Promise<Ending> {
  const { gone } = exchange;
  if (most === 0) return atMost;
  let sent = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length;) {
      const drips = drip !== undefined && sent >= drip.afterBytes;
      if (drips && sent > 0) await pause(drip.everyMs, gone);
      const wanted = drip === undefined ? Infinity : drips ? drip.bytes : drip.afterBytes - sent;
      const piece = chunk.subarray(at, at + Math.min(wanted, most - sent));
      await write(exchange, piece);
      at += piece.length;
      sent += piece.length;
      if (gone.aborted) return 'reset';
      if (sent >= most) return atMost;
    }
  }
  return atEnd;
}

/** Hands bytes to the socket; comes back when they have left this process, or the connection is gone. */
async function write({ world, response, entry, gone }: Exchange, piece: Buffer): Promise<void> {
  if (gone.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      gone.removeEventListener('abort', done);
      resolve();
    };
    gone.addEventListener('abort', done);
    response.write(piece, done);
    entry.bytesSent += piece.length;
    world.journal.changed(entry);
  });
}

async function finish({ response, gone }: Exchange, how: Ending): Promise<void> {
  if (how === 'whole') {
    response.end();
    return;
  }
  response.flushHeaders();
  if (how === 'close') response.socket?.destroySoon();
  if (how === 'reset') response.socket?.resetAndDestroy();
  await ended(gone);
}
