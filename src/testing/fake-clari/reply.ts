import type { Answer, Exchange } from './exchange.js';
import { withdrawOfAnswer, withdrawOfBody } from './faults/withdrawal.js';
import { fileReply } from './file-reply.js';
import { isZipped, zipped } from './gzip.js';

/** An answer as HTTP has it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Iterable<Buffer> | AsyncIterable<Buffer>;
}

/** An answer before it is compressed, with a body whose length is known and which can be had more than once. */
interface PlainReply extends Omit<Reply, 'body'> {
  readonly bytes: number;
  readonly body: () => Iterable<Buffer>;
}

/** Headers and body of an answer, with what faults make of them. */
export async function replyTo(exchange: Exchange, answer: Answer): Promise<Reply> {
  const { faults } = exchange;
  withdrawOfAnswer(exchange, answer);
  const { status, headers: plainHeaders, bytes, body: plainBody } = plainReply(exchange, answer);
  if (status === 204 || status === 304) {
    faults.withdraw('chunked', 'wrong-length');
    withdrawOfBody(faults, 0);
    const { 'content-type': _, ...headers } = plainHeaders;
    return { status, headers, body: [] };
  }
  const zip = isZipped(exchange) && bytes > 0;
  const headers = zip ? { ...plainHeaders, 'content-encoding': 'gzip', vary: 'accept-encoding' } : plainHeaders;
  const body = zip ? (): Reply['body'] => zipped(plainBody(), faults.of('gzip')?.flaw ?? 'none') : plainBody;
  const isLengthTold = faults.of('chunked') === undefined;
  const isLengthAsked = isLengthTold && (faults.of('shorten') ?? faults.of('wrong-length')) !== undefined;
  const most = faults.of('shorten')?.afterBytes ?? Infinity;
  const sent = !zip ? bytes : isLengthAsked ? await lengthOf(exchange, body(), most) : undefined;
  withdrawOfBody(faults, sent);
  if (!isLengthTold || sent === undefined) return { status, headers, body: body() };
  const length = Math.max(0, Math.min(sent, most) + (faults.of('wrong-length')?.by ?? 0));
  return { status, headers: { ...headers, 'content-length': length }, body: body() };
}

/** Bytes of a body that is made for nothing but this, which takes its time and no memory; beyond `most` it stops. */
async function lengthOf({ gone }: Exchange, body: Reply['body'], most: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most || gone.aborted) break;
  }
  return bytes;
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
  return { status, headers, bytes: bytes.length, body: () => (bytes.length === 0 ? [] : [bytes]) };
}
