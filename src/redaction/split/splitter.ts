import { isUtf8 } from 'node:buffer';
import type { ListName } from '../lists.js';
import { MAX_EXACT_NUMBER } from './exact-number.js';
import type { FileForm } from './file-form.js';
import { RecordScanner } from './record-scanner.js';
import { SplitOutline, type SplitSummary } from './split-outline.js';
import type { SplitSink } from './split-sink.js';
import { incompleteTail, validPrefix } from './text-bytes.js';
import { MAX_TOKEN, TOKEN_TOO_LONG, TokenScanner } from './token-scanner.js';

/** What reads the records: WebAssembly, or JavaScript alone. */
export type SplitEngine = 'wasm' | 'plain';

export interface SplitterOptions {
  /** Default: `wasm` where there is WebAssembly with SIMD, else `plain`. `wasm` where there is none is an error. */
  readonly engine?: SplitEngine;
}

const SLICE = 256 * 1024;
const BUFFER_BYTES = SLICE + MAX_TOKEN + 16;

/**
 * Splits the bytes of a file, whatever the chunks they come in, into one stream of newline-delimited records for each list.
 * It holds no more than a slice of the file, and finds truncation, wrong nesting, garbage and duplicate keys on the way.
 *
 * @throws ExportError `FileMalformed`, naming the list and the record or byte, never content
 */
export class Splitter<Name extends string = ListName> {
  readonly #outline: SplitOutline<Name>;
  readonly #scanner: TokenScanner<Name>;
  readonly #records: RecordScanner | undefined;
  readonly #buffer: Uint8Array;
  /** Bytes at the front of the buffer that were held back. */
  #held = 0;

  constructor(sink: SplitSink<Name>, form: FileForm<Name>, { engine }: SplitterOptions = {}) {
    this.#records = engine === 'plain' ? undefined : RecordScanner.create(BUFFER_BYTES, MAX_EXACT_NUMBER);
    if (engine === 'wasm' && this.#records === undefined)
      throw new RangeError('This Node has no WebAssembly with SIMD.');
    this.#buffer = this.#records?.buffer ?? new Uint8Array(BUFFER_BYTES);
    this.#outline = new SplitOutline(form);
    this.#scanner = new TokenScanner(sink, this.#outline, this.#buffer, this.#records);
  }

  /** Records that WebAssembly has read; the others were read by JavaScript. */
  get recordsByWasm(): number {
    return this.#records?.total ?? 0;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += SLICE) this.#slice(chunk.subarray(at, at + SLICE));
  }

  /** To be called after the last chunk. */
  end(): SplitSummary<Name> {
    if (!this.#scanner.ended) throw this.#outline.breaksOff(this.#scanner.depth);
    // Nothing but whitespace may be held back here, and whitespace never is.
    if (this.#held > 0) throw this.#outline.malformed('goes on after its end', 0);
    this.#records?.collect();
    return this.#outline.summary();
  }

  #slice(part: Uint8Array): void {
    const buffer = this.#buffer;
    if (this.#held > MAX_TOKEN + 2) throw this.#outline.malformed(TOKEN_TOO_LONG, 0);
    buffer.set(part, this.#held);
    const end = this.#held + part.length;
    const whole = end - incompleteTail(buffer, end);
    if (!isUtf8(buffer.subarray(0, whole))) {
      const valid = validPrefix(buffer, whole);
      // Read up to the fault, so that the record it is in can be named.
      this.#scanner.scan(valid);
      throw this.#outline.malformed('is not valid UTF-8', valid);
    }
    const read = this.#scanner.scan(whole);
    buffer.copyWithin(0, read, end);
    this.#held = end - read;
    this.#outline.advance(read);
  }
}
