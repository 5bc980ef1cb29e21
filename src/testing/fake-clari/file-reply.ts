import type { Exchange } from './exchange.js';
import type { FaultOf } from './faults/kinds.js';
import { withdrawOfRange } from './faults/withdrawal.js';
import type { ServedFile } from './files.js';
import type { ByteRange } from './range.js';
import { requestedRange } from './range.js';

interface FileReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly bytes: number;
  readonly body: () => Iterable<Buffer>;
}

/** A file, or the part of it that was asked for. A compressed one is another thing: it has its own ETag and no parts. */
export function fileReply(
  exchange: Exchange,
  { file, etag: trueEtag, contentType }: ServedFile,
  zipped: boolean,
): FileReply {
  const { faults } = exchange;
  const etag = shownEtag(exchange, zipped ? `${trueEtag.slice(0, -1)}-gzip"` : trueEtag);
  const common = {
    ...(etag === undefined ? {} : { etag }),
    ...(zipped ? {} : { 'accept-ranges': 'bytes' }),
    'cache-control': 'no-store',
  };
  const range = rangeOf(exchange, etag, file.bytes, zipped);
  if (range === 'unsatisfiable') {
    const told = faults.of('refuse-range')?.contentRange ?? true;
    const headers = { ...common, ...(told ? { 'content-range': `bytes */${file.bytes}` } : {}) };
    return { status: 416, headers, bytes: 0, body: () => [] };
  }
  const typed = { ...common, 'content-type': contentType };
  if (range === undefined) {
    const body = (): Iterable<Buffer> => file.chunks(0, file.bytes);
    return { status: 200, headers: typed, bytes: file.bytes, body };
  }
  const lie = faults.of('wrong-range');
  const { from, to } = lie?.variant === 'shifted-body' ? earlier(range, lie.by) : range;
  const told = shortened(range, faults.of('shorten')?.afterBytes);
  return {
    status: 206,
    headers: { ...typed, ...contentRange(told, file.bytes, lie) },
    bytes: to - from,
    body: () => file.chunks(from, to),
  };
}

/** The part that is shown, with what faults make of the one that was asked for. */
function rangeOf(
  exchange: Exchange,
  etag: string | undefined,
  bytes: number,
  zipped: boolean,
): ReturnType<typeof requestedRange> {
  const { faults } = exchange;
  const honest = zipped ? undefined : honestRange(exchange, etag, bytes);
  const refused = !zipped && faults.of('refuse-range') !== undefined;
  const shown = faults.of('ignore-range') !== undefined ? undefined : refused ? 'unsatisfiable' : honest;
  withdrawOfRange(faults, honest, shown);
  return shown;
}

/** A range stands only if what it is a part of is still the same; a method other than GET has none. */
function honestRange(
  { request }: Exchange,
  etag: string | undefined,
  bytes: number,
): ReturnType<typeof requestedRange> {
  if (request.method !== 'GET') return undefined;
  const condition = request.headers['if-range'];
  // A weak one proves nothing about bytes.
  if (condition !== undefined && (condition !== etag || etag.startsWith('W/'))) return undefined;
  return requestedRange(request.headers.range, bytes);
}

function shownEtag({ faults }: Exchange, etag: string): string | undefined {
  const fault = faults.of('etag');
  switch (fault?.variant) {
    case undefined:
      return etag;
    case 'none':
      return undefined;
    case 'weak':
      return `W/${etag}`;
    case 'changed':
      return `${etag.slice(0, -1)}-changed"`;
    case 'moving':
      return `${etag.slice(0, -1)}-${faults.strike('etag')?.nth ?? 0}"`;
  }
}

function contentRange(
  range: ByteRange,
  bytes: number,
  lie: FaultOf<'wrong-range'> | undefined,
): Readonly<Record<string, string>> {
  const { from, to } = lie?.variant === 'shifted-header' ? earlier(range, lie.by) : range;
  // No header can say it of no bytes at all.
  if (from === to) return {};
  const told = (total: number | '*') => ({ 'content-range': `bytes ${from}-${to - 1}/${total}` });
  switch (lie?.variant) {
    case 'missing':
      return {};
    case 'no-total':
      return told('*');
    case 'wrong-total':
      return told(bytes + lie.by);
    default:
      return told(bytes);
  }
}

/** What is left of a part of which no more bytes come than these. */
const shortened = ({ from, to }: ByteRange, most = Infinity): ByteRange => ({ from, to: Math.min(to, from + most) });

/** As many bytes from an earlier place; not before the first. */
function earlier({ from, to }: ByteRange, by: number): ByteRange {
  const shift = Math.min(by, from);
  return { from: from - shift, to: to - shift };
}
