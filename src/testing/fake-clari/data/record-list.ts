import type { BlockTemplate, PatchSeeds } from './block-template.js';

/** Which of the endless row of a template's records a list holds. */
export interface RecordRange {
  readonly first: number;
  readonly count: number;
}

/** Records of a template, with `separator` between them: any part of its text without the parts before it. */
export class RecordList {
  readonly count: number;
  readonly bytes: number;
  readonly #template: BlockTemplate;
  readonly #seeds: PatchSeeds;
  readonly #separatorBytes: number;
  readonly #first: number;
  /** Bytes of all records before the first one. */
  readonly #before: number;

  /** Each slot of the template ends with `separator`. */
  constructor(template: BlockTemplate, { first, count }: RecordRange, separator: string, seeds: PatchSeeds) {
    this.count = count;
    this.#template = template;
    this.#seeds = seeds;
    this.#separatorBytes = Buffer.byteLength(separator);
    this.#first = first;
    this.#before = count === 0 ? 0 : this.#start(first);
    this.bytes = count === 0 ? 0 : this.#start(first + count) - this.#before - this.#separatorBytes;
  }

  /** Bytes `from` to `to` (exclusive) of the list's text. */
  slice(from: number, to: number): Buffer {
    if (to <= from) return Buffer.alloc(0);
    const firstRecord = this.#recordAt(this.#before + from);
    const pastRecord = this.#recordAt(this.#before + to - 1) + 1;
    const start = this.#start(firstRecord);
    const rendered = Buffer.allocUnsafe(this.#start(pastRecord) - start);
    this.#render(rendered, firstRecord, pastRecord);
    const offset = start - this.#before;
    return rendered.subarray(from - offset, to - offset);
  }

  /** The records' texts, one by one. */
  *texts(): Generator<string, void, undefined> {
    const batch = 500;
    const end = this.#first + this.count;
    for (let first = this.#first; first < end; first += batch) {
      const past = Math.min(first + batch, end);
      const base = this.#start(first);
      const rendered = Buffer.allocUnsafe(this.#start(past) - base);
      this.#render(rendered, first, past);
      for (let record = first; record < past; record += 1) {
        yield rendered.toString(
          'utf8',
          this.#start(record) - base,
          this.#start(record + 1) - base - this.#separatorBytes,
        );
      }
    }
  }

  #start(record: number): number {
    const { slots, bytes } = this.#template;
    return Math.floor(record / slots) * bytes + this.#template.start(record % slots);
  }

  #recordAt(offset: number): number {
    const { slots, bytes } = this.#template;
    return Math.floor(offset / bytes) * slots + this.#template.slotAt(offset % bytes);
  }

  #render(target: Buffer, from: number, to: number): void {
    const { slots } = this.#template;
    let at = 0;
    for (let record = from; record < to;) {
      const block = Math.floor(record / slots);
      const past = Math.min(to, (block + 1) * slots);
      at += this.#template.render(target, at, block, record % slots, past - block * slots, this.#seeds);
      record = past;
    }
  }
}
