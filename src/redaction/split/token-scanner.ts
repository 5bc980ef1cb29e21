import { DECIMAL_SCALE } from '../../model/tables.js';
import { comesThroughDouble } from './exact-number.js';
import * as json from './json-bytes.js';
import { IN_MEMBER, IN_RECORD, RecordCursor } from './record-cursor.js';
import type { RecordScanner } from './record-scanner.js';
import type { SplitOutline } from './split-outline.js';
import { Emitter, type SplitSink } from './split-sink.js';
import { escapeLength, keyEnd, validEscapes } from './text-bytes.js';

/** Longest number or key; a string value may be of any length. */
export const MAX_TOKEN = 16 * 1024;
export const TOKEN_TOO_LONG = `has a key or number of more than ${MAX_TOKEN} bytes`;
const KEY_NO_TEXT = 'has a key that is no text';
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

/**
 * A checking reader of JSON in one loop over a class table. Tokens that the end of the buffer cuts (keys, numbers, literals, escapes) are
 * left and read again with what follows; only string values are read in parts.
 *
 * Where there is a RecordScanner, it reads the records that are whole and hold nothing new; this loop reads the rest. So whatever
 * is refused is refused here.
 */
export class TokenScanner<Name extends string> {
  readonly #emitter: Emitter<Name>;
  readonly #outline: SplitOutline<Name>;
  readonly #buffer: Uint8Array;
  readonly #records: RecordScanner | undefined;
  readonly #stack = new Uint8Array(MAX_DEPTH);
  #depth = 0;
  /** Depth at which the file ends: 1 if an object is imagined around a bare list, which makes a list's depth always the same. */
  #base = 0;
  #expect: Expect = Expect.Value;
  /** Whether what is read belongs to a record of a known list. */
  #emitting = false;
  readonly #cursor = new RecordCursor();

  constructor(
    sink: SplitSink<Name>,
    outline: SplitOutline<Name>,
    buffer: Uint8Array,
    records: RecordScanner | undefined,
  ) {
    this.#emitter = new Emitter(sink, outline, buffer);
    this.#outline = outline;
    this.#buffer = buffer;
    this.#records = records;
  }

  /** Objects and lists that are open. */
  get depth(): number {
    return this.#depth - this.#base;
  }

  /** Whether the file's value has ended. */
  get ended(): boolean {
    return this.#expect === Expect.End;
  }

  /**
   * Reads `buffer[0, end)` as far as it is whole tokens, and says how far that is.
   * @throws ExportError `FileMalformed`
   */
  scan(end: number): number {
    const b = this.#buffer;
    const stack = this.#stack;
    const outline = this.#outline;
    const cursor = this.#cursor;
    const records = this.#records;
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
            expect = depth === this.#base ? Expect.End : Expect.CommaOrEnd;
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
            else if (emitting && depth <= IN_MEMBER) this.#look(depth, start, stop);
            else if (!validEscapes(b, start, stop)) throw outline.malformed(KEY_NO_TEXT, start);
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
            this.#emitter.emit(from, i + 1);
            emitting = false;
          }
          depth--;
          i++;
          expect = depth === this.#base ? Expect.End : Expect.CommaOrEnd;
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
        expect = depth === this.#base ? Expect.End : Expect.CommaOrEnd;
        continue;
      }
      if (depth < IN_RECORD) {
        if (c === json.BYTE_ORDER_MARK[0] && outline.startsAt(i) && json.hasByteOrderMark(b)) {
          i += json.BYTE_ORDER_MARK.length;
          continue;
        }
        const inList = depth === IN_LIST && outline.list !== undefined;
        if (inList && !emitting) {
          emitting = true;
          from = i;
        }
        if (inList && records !== undefined && c === json.OPEN_OBJECT && i !== records.stoppedAt) {
          const after = records.scan(outline.census, i, end);
          if (after > i) {
            outline.record += records.count;
            from = this.#emitter.emitCuts(from, records.cuts());
            i = after;
            expect = Expect.CommaOrEnd;
            continue;
          }
        }
        outline.value(depth, c, i);
        if (inList) cursor.startRecord(outline.census, outline.record);
        if (depth === 0 && c === json.OPEN_LIST) {
          stack[depth++] = OBJECT;
          this.#base = depth;
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
        if (emitting && !comesThroughDouble(b, i, stop)) {
          from = this.#emitter.emitCuts(from, [i, stop]);
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

    if (emitting) this.#emitter.emit(from, Math.min(i, end));
    this.#expect = expect;
    this.#depth = depth;
    this.#emitting = emitting;
    return Math.min(i, end);
  }

  #look(depth: number, start: number, stop: number): void {
    try {
      this.#cursor.look(depth, this.#buffer, start, stop);
    } catch {
      throw this.#outline.malformed(KEY_NO_TEXT, start);
    }
  }
}
