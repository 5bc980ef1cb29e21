import { QUOTE } from './json-bytes.js';
import type { SplitOutline } from './split-outline.js';

/** Where the records go: newline-delimited JSON, list by list. */
export interface SplitSink<Name extends string> {
  /**
   * `bytes` are part of the splitter's buffer, which it overwrites when this returns: copy what is to be written later. (A write that
   * is still under way when they change would put the next slice's bytes into the file.)
   */
  write(list: Name, bytes: Uint8Array): void;
}

const QUOTE_BYTES = Uint8Array.of(QUOTE);

/** Hands parts of a buffer to a sink, for the list that is being read. */
export class Emitter<Name extends string> {
  readonly #sink: SplitSink<Name>;
  readonly #outline: SplitOutline<Name>;
  readonly #buffer: Uint8Array;

  constructor(sink: SplitSink<Name>, outline: SplitOutline<Name>, buffer: Uint8Array) {
    this.#sink = sink;
    this.#outline = outline;
    this.#buffer = buffer;
  }

  emit(start: number, stop: number): void {
    const { list } = this.#outline;
    if (stop > start && list !== undefined) this.#sink.write(list, this.#buffer.subarray(start, stop));
  }

  /** Emits the bytes from `from` to the last cut, each cut, a pair of places, in quotes; says where that ends. */
  emitCuts(from: number, cuts: ArrayLike<number>): number {
    const { list } = this.#outline;
    if (list === undefined) return from;
    for (let at = 0; at < cuts.length; at += 2) {
      const [start, stop] = [cuts[at] as number, cuts[at + 1] as number];
      this.emit(from, start);
      this.#sink.write(list, QUOTE_BYTES);
      this.emit(start, stop);
      this.#sink.write(list, QUOTE_BYTES);
      from = stop;
    }
    return from;
  }
}
