import { isUtf8 } from 'node:buffer';
import { DECIMAL_SCALE } from '../model/tables.js';
import * as json from './json-bytes.js';
import { IN_RECORD, RecordCursor } from './record-cursor.js';
import { SplitOutline, type SplitSummary } from './split-outline.js';
import type { ListName } from './lists.js';
import { escapeLength, incompleteTail, keyEnd, validPrefix } from './text-bytes.js';

export type { SplitList, SplitSummary } from './split-outline.js';

/** Where the records go: newline-delimited JSON, list by list. `bytes` are overwritten after the call. */
export interface SplitSink {
  write(list: ListName, bytes: Uint8Array): void;
}

/**
 * Longer tokens of numbers are written as strings. A double has 15 significant digits for certain, so shorter ones come
 * through DuckDB's reader of JSON unharmed, and longer ones would not.
 */
const MAX_EXACT_NUMBER = 15;
/** Longest number or key; a string value may be of any length. */
const MAX_TOKEN = 16 * 1024;
const TOKEN_TOO_LONG = `has a key or number of more than ${MAX_TOKEN} bytes`;
const SLICE = 256 * 1024;
const MAX_DEPTH = 256;

/** Containers that are open in the file's object, and in one of its lists. */
const IN_FILE = 1;
const IN_LIST = 2;

const enum Expect {
  Value,
  ValueOrEnd,
  Key,
  KeyOrEnd,
  Colon,
  CommaOrEnd,
  StringRest,
  End,
}

const OBJECT = 1;
const LIST = 0;
const QUOTE_BYTES = Uint8Array.of(json.QUOTE);

/**
 * Splits the bytes of an export, whatever the chunks they come in, into one stream of newline-delimited records for each list.
 *
 * A checking reader of JSON in one loop over a class table: it holds no more than a slice of the file, and finds truncation,
 * wrong nesting, garbage and duplicate keys on the way. Tokens that a slice cuts (keys, numbers, literals, escapes) are held
 * back and read again with the next one; only string values are read in parts.
 *
 * @throws ExportError `FileMalformed`, naming the list and the record or byte, never content
 */
export class Splitter {
  readonly #sink: SplitSink;
  readonly #outline = new SplitOutline();
  readonly #buffer = new Uint8Array(SLICE + MAX_TOKEN + 16);
  /** Bytes at the front of the buffer that were held back. */
  #held = 0;
  readonly #stack = new Uint8Array(MAX_DEPTH);
  #depth = 0;
  #expect: Expect = Expect.Value;
  /** Whether what is read belongs to a record of a known list. */
  #emitting = false;
  readonly #cursor = new RecordCursor();

  constructor(sink: SplitSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += SLICE) this.#slice(chunk.subarray(at, at + SLICE));
  }

  /** To be called after the last chunk. */
  end(): SplitSummary {
    if (this.#expect !== Expect.End) throw this.#outline.breaksOff(this.#depth);
    // Nothing but whitespace may be held back here, and whitespace never is.
    if (this.#held > 0) throw this.#outline.malformed('goes on after its end', 0);
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
      this.#scan(valid);
      throw this.#outline.malformed('is not valid UTF-8', valid);
    }
    const read = this.#scan(whole);
    buffer.copyWithin(0, read, end);
    this.#held = end - read;
    this.#outline.advance(read);
  }

  /** Reads `buffer[0, end)` as far as it is whole tokens, and says how far that is. */
  #scan(end: number): number {
    const b = this.#buffer;
    const stack = this.#stack;
    const outline = this.#outline;
    const cursor = this.#cursor;
    const plain = json.plainInString;
    let expect = this.#expect;
    let depth = this.#depth;
    let emitting = this.#emitting;
    let from = 0;
    let i = 0;

    scanning: while (i < end) {
      let c = b[i] as number;

      if (expect === Expect.StringRest) {
        while (i < end && plain[b[i] as number] === 1) i++;
        if (i === end) break;
        c = b[i] as number;
        if (c === json.QUOTE) {
          i++;
          expect = Expect.CommaOrEnd;
          continue;
        }
        if (c !== json.BACKSLASH) throw outline.malformed('has a control character inside a text', i);
        const length = escapeLength(b, i, end);
        if (length === 0) break;
        if (length < 0) throw outline.malformed('has an escape that is none', i);
        if (length === 6 && emitting) cursor.escape(b, i);
        i += length;
        continue;
      }

      if (c <= json.SPACE && json.whitespace[c] === 1) {
        // A raw line end between tokens of a record would end its line.
        if (emitting && c !== json.SPACE) b[i] = json.SPACE;
        i++;
        continue;
      }

      switch (expect) {
        case Expect.KeyOrEnd:
        case Expect.Key: {
          if (c === json.CLOSE_OBJECT && expect === Expect.KeyOrEnd) {
            depth--;
            i++;
            expect = depth === 0 ? Expect.End : Expect.CommaOrEnd;
            continue;
          }
          if (c !== json.QUOTE) throw outline.malformed('has something other than a key where one belongs', i);
          const start = i + 1;
          let stop = emitting ? cursor.expected(depth, b, start, end) : -1;
          if (stop < 0) {
            stop = keyEnd(b, start, end);
            if (stop >= end) break scanning;
            if (b[stop] !== json.QUOTE) throw outline.malformed('has a control character inside a key', stop);
            if (stop - start > MAX_TOKEN) throw outline.malformed(TOKEN_TOO_LONG, i);
            if (depth === IN_FILE) outline.key(b, start, stop);
            else if (emitting) this.#look(depth, start, stop);
          }
          if (emitting && !cursor.enter(depth)) throw outline.malformed('has a key twice in one object', i);
          i = stop + 1;
          expect = Expect.Colon;
          continue;
        }

        case Expect.Colon:
          if (c !== json.COLON) throw outline.malformed('lacks a colon after a key', i);
          i++;
          expect = Expect.Value;
          continue;

        case Expect.CommaOrEnd: {
          const object = stack[depth - 1] === OBJECT;
          if (c === json.COMMA) {
            // Between records the comma becomes the line end.
            if (depth === IN_LIST && emitting) b[i] = json.LF;
            i++;
            expect = object ? Expect.Key : Expect.Value;
            continue;
          }
          if (c !== (object ? json.CLOSE_OBJECT : json.CLOSE_LIST)) throw outline.misplaced(c, i);
          if (depth === IN_LIST && emitting) {
            b[i] = json.LF;
            this.#emit(from, i + 1);
            emitting = false;
          }
          depth--;
          i++;
          expect = depth === 0 ? Expect.End : Expect.CommaOrEnd;
          continue;
        }

        case Expect.End:
          throw outline.malformed('goes on after its end', i);

        case Expect.ValueOrEnd:
        case Expect.Value:
          break;
      }

      // A value starts here, or the end of a list.
      if (c === json.CLOSE_LIST && expect === Expect.ValueOrEnd) {
        if (depth === IN_LIST) emitting = false;
        depth--;
        i++;
        expect = Expect.CommaOrEnd;
        continue;
      }
      if (depth < IN_RECORD) {
        if (c === json.BYTE_ORDER_MARK[0] && outline.startsAt(i) && json.hasByteOrderMark(b)) {
          i += json.BYTE_ORDER_MARK.length;
          continue;
        }
        outline.value(depth, c, i);
        if (depth === IN_LIST && outline.list !== undefined) {
          if (!emitting) {
            emitting = true;
            from = i;
          }
          cursor.startRecord(outline.census, outline.record);
        }
      }
      const field = emitting ? cursor.fieldAt(depth) : undefined;

      if (c === json.QUOTE) {
        if (field !== undefined) field.strings++;
        i++;
        expect = Expect.StringRest;
      } else if (c === json.OPEN_OBJECT || c === json.OPEN_LIST) {
        if (depth === MAX_DEPTH) throw outline.malformed(`is nested deeper than ${MAX_DEPTH}`, i);
        if (emitting) cursor.open(depth, c === json.OPEN_OBJECT);
        stack[depth++] = c === json.OPEN_OBJECT ? OBJECT : LIST;
        i++;
        expect = c === json.OPEN_OBJECT ? Expect.KeyOrEnd : Expect.ValueOrEnd;
      } else if (c === json.MINUS || (c >= json.ZERO && c <= json.NINE)) {
        let stop = i + 1;
        while (stop < end && json.inNumber[b[stop] as number] === 1) stop++;
        if (stop === end) break;
        if (stop - i > MAX_TOKEN) throw outline.malformed(TOKEN_TOO_LONG, i);
        const form = json.numberForm(b, i, stop, DECIMAL_SCALE);
        if (form === 'malformed') throw outline.malformed('has a number that is none', i);
        if (field !== undefined) {
          if (field.numbers++ === 0) field.firstNumber = outline.record;
          if (form === 'odd') field.oddNumbers++;
        }
        if (stop - i > MAX_EXACT_NUMBER && emitting) {
          this.#emit(from, i);
          this.#quoted(i, stop);
          from = stop;
        }
        i = stop;
        expect = Expect.CommaOrEnd;
      } else {
        const literal = json.literals.get(c);
        if (literal === undefined) throw outline.misplaced(c, i);
        if (end - i < literal.length) break;
        for (let k = 1; k < literal.length; k++) {
          if (b[i + k] !== literal[k]) throw outline.malformed('has a word other than true, false and null', i);
        }
        if (field !== undefined) {
          if (c === json.LETTER_N) field.nulls++;
          else if (field.booleans++ === 0) field.firstBoolean = outline.record;
        }
        i += literal.length;
        expect = Expect.CommaOrEnd;
      }
    }

    if (emitting) this.#emit(from, Math.min(i, end));
    this.#expect = expect;
    this.#depth = depth;
    this.#emitting = emitting;
    return Math.min(i, end);
  }

  #look(depth: number, start: number, stop: number): void {
    try {
      this.#cursor.look(depth, this.#buffer, start, stop);
    } catch {
      throw this.#outline.malformed('has a key that is no text', start);
    }
  }

  #emit(start: number, stop: number): void {
    const list = this.#outline.list;
    if (stop > start && list !== undefined) this.#sink.write(list, this.#buffer.subarray(start, stop));
  }

  #quoted(start: number, stop: number): void {
    const list = this.#outline.list;
    if (list === undefined) return;
    this.#sink.write(list, QUOTE_BYTES);
    this.#emit(start, stop);
    this.#sink.write(list, QUOTE_BYTES);
  }
}
