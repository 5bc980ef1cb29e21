import { createHash } from 'node:crypto';
import type { RecordList } from './record-list.js';

/** The lists of a file in the order in which they stand there. */
export type ListName = 'entries' | 'users' | 'fields' | 'timePeriods' | 'timeFrames';

type Segment = Pick<RecordList, 'bytes' | 'slice'>;

const CHUNK_BYTES = 256 * 1024;

/** One JSON object of lists: its length, and any part of its bytes, without the parts before. */
export class ExportFile {
  readonly bytes: number;
  readonly lists: ReadonlyMap<ListName, RecordList>;
  readonly #segments: readonly { readonly start: number; readonly segment: Segment }[];

  constructor(lists: ReadonlyMap<ListName, RecordList>, pretty: boolean) {
    const placed: { start: number; segment: Segment }[] = [];
    let bytes = 0;
    const place = (segment: Segment): void => {
      placed.push({ start: bytes, segment });
      bytes += segment.bytes;
    };
    const [line, item, space] = pretty ? ['\n  ', '\n    ', ' '] : ['', '', ''];
    let before = '{';
    for (const [name, list] of lists) {
      const empty = list.count === 0;
      place(literal(`${before}${line}"${name}":${space}[${empty ? '' : item}`));
      place(list);
      before = `${empty ? '' : line}],`;
    }
    place(literal(`${before.slice(0, -1)}${pretty ? '\n' : ''}}`));
    this.bytes = bytes;
    this.lists = lists;
    this.#segments = placed;
  }

  /** Bytes `from` to `to` (exclusive). */
  slice(from: number, to: number): Buffer {
    const parts = this.#segments.flatMap(({ start, segment }) =>
      start < to && start + segment.bytes > from
        ? [segment.slice(Math.max(0, from - start), Math.min(segment.bytes, to - start))]
        : [],
    );
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  /** Bytes `from` to `to` (exclusive) in pieces of 256 KiB, made as they are taken. */
  *chunks(from = 0, to = this.bytes): Generator<Buffer, void, undefined> {
    for (let at = from; at < to; at += CHUNK_BYTES) yield this.slice(at, Math.min(at + CHUNK_BYTES, to));
  }

  /** SHA-256 of all bytes, lower-case hex. Reads the whole file. */
  sha256(): string {
    const hash = createHash('sha256');
    for (const chunk of this.chunks()) hash.update(chunk);
    return hash.digest('hex');
  }
}

function literal(text: string): Segment {
  const bytes = Buffer.from(text);
  return { bytes: bytes.length, slice: (from, to) => bytes.subarray(from, to) };
}
