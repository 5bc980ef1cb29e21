import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StruckFaults } from './faults/struck.js';
import type { ServedFile } from './files.js';
import type { OpenEntry } from './journal.js';
import type { FakeToken } from './options.js';
import type { World } from './world.js';

/** One request under way. */
export interface Exchange {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly entry: OpenEntry;
  /** What strikes it; drawn when it arrived. */
  readonly faults: StruckFaults;
  /** Aborts when its connection is gone. */
  readonly gone: AbortSignal;
  /** Text of its body: whatever processes the request a second time gets the same. */
  body: Promise<string | undefined> | undefined;
  /** Set by the stage that authenticates. */
  holder: FakeToken | undefined;
}

type Headers = Readonly<Record<string, string>>;

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly contentType: string | undefined;
      readonly text: string;
      readonly headers?: Headers;
    }
  /** With ranges, conditions and all that belongs to a file. */
  | { readonly kind: 'file'; readonly served: ServedFile };

/** A step on the way of a request: it answers, or leaves the request to the next one. */
export type Stage = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>;

/** What answers a route; `parameter` is the variable part of the path, decoded. */
export type Handler = (exchange: Exchange, parameter: string) => Answer | Promise<Answer>;

const MAX_BODY_BYTES = 1024 * 1024;

/** Text of a request's body; undefined if it is longer than 1 MiB. */
export async function bodyText(exchange: Exchange): Promise<string | undefined> {
  exchange.body ??= readText(exchange.request);
  return await exchange.body;
}

/** Reads a body to its end; undefined if it is longer than 1 MiB. */
export async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}
