import { Readable, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Exchange } from './exchange.js';

const TRAILER_BYTES = 8;

/** Whether the body of this answer goes out compressed. */
export function isZipped({ world, request, faults }: Exchange): boolean {
  return faults.of('gzip') !== undefined || (world.settings.gzip && acceptsGzip(request.headers['accept-encoding']));
}

/** By the header `Accept-Encoding`. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  return [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}

/** Compresses as it is read. The trailer (CRC and length) is left out or its CRC is wrong where `flaw` says so. */
export async function* zipped(
  chunks: Iterable<Buffer>,
  flaw: 'none' | 'no-trailer' | 'wrong-crc',
): AsyncGenerator<Buffer, void, undefined> {
  const zip = createGzip();
  pipeline(Readable.from(chunks, { highWaterMark: 1 }), zip, () => undefined);
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of zip as AsyncIterable<Buffer>) {
    const all = Buffer.concat([held, chunk]);
    const ready = Math.max(0, all.length - TRAILER_BYTES);
    held = all.subarray(ready);
    if (ready > 0) yield all.subarray(0, ready);
  }
  if (flaw === 'no-trailer') return;
  yield flaw === 'none' ? held : Buffer.concat([Buffer.from([(held[0] ?? 0) ^ 1]), held.subarray(1)]);
}
