import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer, Exchange } from './exchange.js';
import type { ServedFile } from './files.js';
import { requestedRange } from './range.js';

/** Sends an answer; a connection that breaks meanwhile is no error here. */
export async function send(exchange: Exchange, answer: Answer): Promise<void> {
  switch (answer.kind) {
    case 'json':
      sendText(exchange, answer.status, 'application/json', JSON.stringify(answer.body));
      return;
    case 'text':
      sendText(exchange, answer.status, answer.contentType, answer.text);
      return;
    case 'file':
      await sendFile(exchange, answer.served);
  }
}

function sendText(exchange: Exchange, status: number, contentType: string, text: string): void {
  const { request, response } = exchange;
  const bytes = Buffer.byteLength(text);
  begin(exchange, status, { 'content-type': contentType, 'content-length': bytes });
  if (request.method !== 'HEAD') {
    count(exchange, bytes);
    response.write(text);
  }
  response.end();
}

async function sendFile(exchange: Exchange, { file, etag }: ServedFile): Promise<void> {
  const { request, response } = exchange;
  const common = { etag, 'accept-ranges': 'bytes', 'cache-control': 'no-store' };
  const range = rangeOf(request, etag, file.bytes);
  if (range === 'unsatisfiable') {
    begin(exchange, 416, { ...common, 'content-range': `bytes */${file.bytes}`, 'content-length': 0 });
    response.end();
    return;
  }
  const { from, to } = range ?? { from: 0, to: file.bytes };
  begin(exchange, range === undefined ? 200 : 206, {
    ...common,
    'content-type': 'application/json',
    'content-length': to - from,
    ...(range === undefined ? {} : { 'content-range': `bytes ${from}-${to - 1}/${file.bytes}` }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const counted = function* (): Generator<Buffer> {
    for (const chunk of file.chunks(from, to)) {
      yield chunk;
      count(exchange, chunk.length);
    }
  };
  try {
    // objectMode with one chunk ahead: the generator runs no faster than the reader reads.
    await pipeline(Readable.from(counted(), { highWaterMark: 1 }), response);
  } catch (error) {
    if (!response.destroyed) throw error;
  }
}

/** A range stands only if what it is a part of is still the same; a method other than GET has none. */
function rangeOf(request: IncomingMessage, etag: string, bytes: number): ReturnType<typeof requestedRange> {
  const condition = request.headers['if-range'];
  if (request.method !== 'GET' || (condition !== undefined && condition !== etag)) return undefined;
  return requestedRange(request.headers.range, bytes);
}

function begin({ world, response, entry }: Exchange, status: number, headers: Record<string, string | number>): void {
  response.writeHead(status, headers);
  entry.status = status;
  world.journal.changed(entry);
}

function count({ world, entry }: Exchange, bytes: number): void {
  entry.bytesSent += bytes;
  world.journal.changed(entry);
}
