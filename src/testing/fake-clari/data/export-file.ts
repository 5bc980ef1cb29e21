import { createHash } from 'node:crypto';
import type { RecordList } from './record-list.js';

/** Lists of the files that there are: five of a forecast, its rows in the long form, activities, audit events and their actors. */
export const listNames = [
  ...(['entries', 'users', 'fields', 'timePeriods', 'timeFrames'] as const),
  ...(['rows', 'activities', 'items', 'actors'] as const),
] as const;

export type ListName = (typeof listNames)[number];

/** Lists of a file in the order in which they stand there. */
export type Lists = ReadonlyMap<ListName, RecordList>;

/** A part of a file. */
export type Segment = Pick<RecordList, 'bytes' | 'slice'>;

const CHUNK_BYTES = 256 * 1024;

/** Segments one after the other: their length, and any part of their bytes, without the parts before. */
export class ExportFile {
  readonly bytes: number;
  readonly #segments: readonly { readonly start: number; readonly segment: Segment }[];

  constructor(segments: Iterable<Segment>) {
    const placed: { start: number; segment: Segment }[] = [];
    let bytes = 0;
    for (const segment of segments) {
      placed.push({ start: bytes, segment });
      bytes += segment.bytes;
    }
    this.bytes = bytes;
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
