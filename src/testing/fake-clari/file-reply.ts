import type { Exchange } from './exchange.js';
import type { FaultOf } from './faults/kinds.js';
import type { ServedFile } from './files.js';
import type { ByteRange } from './range.js';
import { requestedRange } from './range.js';

interface FileReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly bytes: number;
  readonly body: Iterable<Buffer>;
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
  const range = zipped ? undefined : rangeOf(exchange, etag, file.bytes);
  if (range === 'unsatisfiable') {
    const told = faults.of('refuse-range')?.contentRange ?? true;
    const headers = { ...common, ...(told ? { 'content-range': `bytes */${file.bytes}` } : {}) };
    return { status: 416, headers, bytes: 0, body: [] };
  }
  const typed = { ...common, 'content-type': contentType };
  if (range === undefined) return { status: 200, headers: typed, bytes: file.bytes, body: file.chunks(0, file.bytes) };
  const lie = faults.of('wrong-range');
  const { from, to } = lie?.variant === 'shifted-body' ? earlier(range, lie.by) : range;
  return {
    status: 206,
    headers: { ...typed, ...contentRange(range, file.bytes, lie) },
    bytes: to - from,
    body: file.chunks(from, to),
  };
}

/** A range stands only if what it is a part of is still the same; a method other than GET has none. */
function rangeOf(
  { request, faults }: Exchange,
  etag: string | undefined,
  bytes: number,
): ReturnType<typeof requestedRange> {
  if (request.method !== 'GET' || faults.of('ignore-range') !== undefined) return undefined;
  if (faults.of('refuse-range') !== undefined) return 'unsatisfiable';
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

/** As many bytes from an earlier place; not before the first. */
function earlier({ from, to }: ByteRange, by: number): ByteRange {
  const shift = Math.min(by, from);
  return { from: from - shift, to: to - shift };
}
