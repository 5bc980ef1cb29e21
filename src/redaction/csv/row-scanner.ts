import { isUtf8 } from 'node:buffer';
import { ExportError } from '../../model/export-error.js';
import { COMMA, CR, LF, QUOTE } from '../split/json-bytes.js';
import { incompleteTail, validPrefix } from '../split/text-bytes.js';

/** A longer row is refused; DuckDB takes two million bytes. */
const MAX_ROW_BYTES = 1024 * 1024;

/** Where a byte stands: at a cell's start, in one without quotes, or in quotes. */
const START = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote inside quotes, which ends them or is the first of two. */
const CLOSING = 3;
/** After a carriage return. */
const RETURN = 4;

/**
 * Reads the rows of a CSV by RFC 4180, whatever the chunks they come in, and gives them back with a newline at the end of each and no
 * empty lines: DuckDB takes either end of a line, but then not the other one inside quotes. Cells stay as they are. It holds a chunk.
 */
export class RowScanner {
  /** Rows that have ended. */
  rows = 0;
  /** Whether a cell has a line break, so that not every newline ends a row. */
  breaksInCells = false;
  readonly #columns: number;
  #at: number = START;
  /** Cells of the row before the one that is being read. */
  #cells = 0;
  /** Bytes of the row before the chunk. */
  #before = 0;
  /** Bytes of a character that the next chunk completes. */
  #held: Buffer = Buffer.alloc(0);

  /** @param columns cells that each row has */
  constructor(columns: number) {
    this.#columns = columns;
  }

  /** The bytes to write. @throws ExportError `FileMalformed`, naming the row, from 1 after the header, and never content */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const end = bytes.length - incompleteTail(bytes, bytes.length);
    const whole = bytes.subarray(0, end);
    this.#held = Buffer.from(bytes.subarray(end));
    // Read up to the fault, so that its row can be named.
    if (!isUtf8(whole)) {
      this.#scan(whole.subarray(0, validPrefix(whole, end)));
      throw this.#malformed('is not valid UTF-8');
    }
    const nul = whole.indexOf(0);
    if (nul !== -1) {
      this.#scan(whole.subarray(0, nul));
      throw this.#malformed('has a NUL character');
    }
    return this.#scan(whole);
  }

  /**
   * To be called after the last chunk. Whether the last row had no end, and so needs one: it may be cut off in its last cell.
   * @throws ExportError `FileMalformed`
   */
  end(): boolean {
    if (this.#held.length > 0 || this.#at === QUOTED || this.#at === RETURN) {
      throw this.#malformed(this.#at === QUOTED ? 'breaks off inside quotes, or has one too many' : 'breaks off');
    }
    const open = this.#cells > 0 || this.#before > 0;
    if (open) this.#endRow(this.#before);
    return open;
  }

  #scan(b: Buffer): Buffer {
    const kept: Buffer[] = [];
    /** Where the row begins, and what is not yet among the kept. */
    let row = -this.#before;
    let from = 0;
    let at: number = this.#at;
    const drop = (place: number): void => {
      if (place > from) kept.push(b.subarray(from, place));
      from = place + 1;
    };
    for (let i = 0; i < b.length; i++) {
      let c = b[i] as number;
      if (at === QUOTED) {
        while (c !== QUOTE && i < b.length) {
          if (c === LF || c === CR) this.breaksInCells = true;
          c = b[++i] as number;
        }
        if (i < b.length) at = CLOSING;
        continue;
      }
      // Nearly every byte is a letter or a digit, and those are greater than all that matter.
      if (at === PLAIN) while (c > COMMA && i < b.length - 1) c = b[++i] as number;
      if (at === RETURN && c !== LF) throw this.#malformed('has a carriage return without a newline');
      if (c === QUOTE && (at === START || at === CLOSING)) at = QUOTED;
      else if (c === COMMA) {
        this.#cells++;
        at = START;
      } else if (c === CR) {
        drop(i);
        at = RETURN;
      } else if (c === LF) {
        if (this.#cells === 0 && i - row === (at === RETURN ? 1 : 0)) drop(i);
        else this.#endRow(i - row);
        row = i + 1;
        at = START;
      } else if (c === QUOTE || at === CLOSING) throw this.#malformed('has a quote out of place');
      else at = PLAIN;
    }
    this.#at = at;
    this.#before = b.length - row;
    if (this.#before > MAX_ROW_BYTES) throw this.#tooLong();
    if (from === 0) return b;
    drop(b.length);
    return Buffer.concat(kept);
  }

  #endRow(bytes: number): void {
    const cells = this.#cells + 1;
    if (cells !== this.#columns) throw this.#malformed(`has ${cells} cells and the header ${this.#columns}`);
    if (bytes > MAX_ROW_BYTES) throw this.#tooLong();
    this.rows++;
    this.#cells = 0;
  }

  #tooLong(): ExportError {
    return this.#malformed(`is longer than ${MAX_ROW_BYTES / 1024} KiB, or has a quote that is not closed`);
  }

  #malformed(what: string): ExportError {
    return new ExportError('FileMalformed', `Row ${this.rows + 1} of the file, after its header, ${what}.`);
  }
}
