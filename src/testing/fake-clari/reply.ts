import type { Answer, Exchange } from './exchange.js';
import { fileReply } from './file-reply.js';
import { isZipped, zipped } from './gzip.js';

/** An answer as HTTP has it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Iterable<Buffer> | AsyncIterable<Buffer>;
}

/** An answer with a body whose length is known. */
export interface PlainReply extends Reply {
  readonly bytes: number;
  readonly body: Iterable<Buffer>;
}

/** Headers and body of an answer, with what faults make of them. */
export function replyTo(exchange: Exchange, answer: Answer): Reply {
  const plain = plainReply(exchange, answer);
  const { faults } = exchange;
  const { status, headers, bytes, body } = plain;
  if (isZipped(exchange) && bytes > 0) {
    return {
      status,
      headers: { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' },
      body: zipped(body, faults.of('gzip')?.flaw ?? 'none'),
    };
  }
  if (faults.of('chunked') !== undefined) return { status, headers, body };
  const shown = Math.min(bytes, faults.of('shorten')?.afterBytes ?? bytes);
  const length = Math.max(0, shown + (faults.of('wrong-length')?.by ?? 0));
  return { status, headers: { ...headers, 'content-length': length }, body };
}

function plainReply(exchange: Exchange, answer: Answer): PlainReply {
  switch (answer.kind) {
    case 'json':
      return textReply(answer.status, { 'content-type': 'application/json' }, JSON.stringify(answer.body));
    case 'text':
      return textReply(
        answer.status,
        { ...(answer.contentType === undefined ? {} : { 'content-type': answer.contentType }), ...answer.headers },
        answer.text,
      );
    case 'file':
      return fileReply(exchange, answer.served, isZipped(exchange));
  }
}

function textReply(status: number, headers: Readonly<Record<string, string>>, text: string): PlainReply {
  const bytes = Buffer.from(text);
  return { status, headers, bytes: bytes.length, body: bytes.length === 0 ? [] : [bytes] };
}
