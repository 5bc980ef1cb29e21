import { header, type AnswerHeaders } from '../http/headers.js';
import { ExportError } from '../model/export-error.js';
import type { ContentEncoding } from './types.js';

/** What is in the file at this moment, and of which version. */
export interface Position {
  /** Bytes that are there and can be continued. */
  readonly offset: number;
  /** Strong ETag of their version. */
  readonly validator: string | undefined;
  readonly encoding: ContentEncoding;
  /** Length of the whole as an earlier answer of that version gave it. */
  readonly total: number | undefined;
}

/** What an answer is good for. */
export type Plan =
  | {
      readonly action: 'receive';
      /** Where its first byte belongs; 0: the file begins anew. */
      readonly from: number;
      /** Bytes that this answer must bring; undefined where it does not say. */
      readonly length: number | undefined;
      /** Length of the whole file; undefined where it does not say. */
      readonly total: number | undefined;
      readonly etag: string | undefined;
      readonly encoding: ContentEncoding;
      readonly lengthProven: boolean;
    }
  | { readonly action: 'complete'; readonly etag: string | undefined }
  /** The link is used up or stale: a new one goes on from here. */
  | { readonly action: 'relink'; readonly why: string }
  /** The bytes that are there can't be continued: a new link, from the first byte. */
  | { readonly action: 'restart'; readonly why: string };

const relink = (why: string): Plan => ({ action: 'relink', why });
const restart = (why: string): Plan => ({ action: 'restart', why });

/** What a 200, 206 or 416 to a request from `position.offset` on means. */
export function planFor(status: number, headers: AnswerHeaders, position: Position): Plan {
  if (status === 416) return outOfRange(headers, position);
  if (header(headers, 'content-type')?.toLowerCase().startsWith('text/html'))
    return relink('an HTML page came instead of the file');
  return status === 206 ? part(headers, position) : whole(headers);
}

export function isStrong(etag: string | undefined): etag is string {
  return etag !== undefined && /^"[\x21\x23-\x7e]*"$/.test(etag);
}

/** A whole file: also the answer to a range of a version that is no more. */
function whole(headers: AnswerHeaders): Plan {
  const length = lengthOf(headers);
  const chunked = header(headers, 'transfer-encoding')?.toLowerCase().includes('chunked') ?? false;
  return {
    action: 'receive',
    from: 0,
    length,
    total: length,
    etag: header(headers, 'etag'),
    encoding: encodingOf(headers) ?? 'identity',
    lengthProven: length !== undefined || chunked,
  };
}

function part(headers: AnswerHeaders, { offset, validator, encoding, total: known }: Position): Plan {
  if (offset === 0) return restart('a part came that was not asked for');
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header(headers, 'content-range') ?? '');
  if (!range) return restart('a part came without saying which');
  const [first, last, total] = range.slice(1).map(Number) as [number, number, number];
  if (first !== offset || last < first || last >= total) return restart('another part came than was asked for');
  if (known !== undefined && known !== total) return restart('the file’s length has changed');
  const etag = header(headers, 'etag');
  // Without its ETag a part may be of any version.
  if (etag === undefined || etag !== validator) return restart('the part is not proved to be of the same version');
  if ((encodingOf(headers) ?? encoding) !== encoding) return restart('the part is encoded in another way');
  return { action: 'receive', from: offset, length: last - first + 1, total, etag, encoding, lengthProven: true };
}

function outOfRange(headers: AnswerHeaders, { offset, validator, total: known }: Position): Plan {
  const total = /^bytes \*\/(\d+)$/.exec(header(headers, 'content-range') ?? '')?.[1];
  const etag = header(headers, 'etag');
  const same = (etag === undefined || etag === validator) && (known === undefined || known === offset);
  if (offset > 0 && same && Number(total) === offset) return { action: 'complete', etag: validator };
  return restart('the file is shorter than what is there of it');
}

function lengthOf(headers: AnswerHeaders): number | undefined {
  const text = header(headers, 'content-length');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function encodingOf(headers: AnswerHeaders): ContentEncoding | undefined {
  const text = header(headers, 'content-encoding')?.toLowerCase();
  if (text === undefined || text === 'identity') return text;
  if (text === 'gzip' || text === 'x-gzip') return 'gzip';
  throw new ExportError(
    'FileMalformed',
    'The file came in a content encoding that was not asked for and can not be read.',
  );
}
