import { ExportError } from '../../model/export-error.js';
import { Census, decodeKey } from '../census.js';
import type { ListName } from '../lists.js';
import type { FileForm } from './file-form.js';
import * as json from './json-bytes.js';

/** A list of the file as it was split. */
export interface SplitList {
  readonly records: number;
  readonly census: Census;
}

export interface SplitSummary<Name extends string = ListName> {
  readonly bytes: number;
  /** The lists that were there; null counts as an empty list, but not of the required one. */
  readonly lists: ReadonlyMap<Name, SplitList>;
  /** Other members of the file's object, which were skipped: elements of a list, 1 for anything else. */
  readonly skipped: ReadonlyMap<string, number>;
}

const MAX_SKIPPED_NAMES = 200;

/** The file's frame around its records: which list is being read, how many records it has, and where a fault is. */
export class SplitOutline<Name extends string> {
  /** The known list that is being read, or undefined. */
  list: Name | undefined;
  /** Number of the record that is being read, from 1; all records of the list once it has ended. */
  record = 0;
  census = new Census();
  /** Bytes of the file before the scanner's buffer. */
  #base = 0;
  #name: string | undefined;
  #started = false;
  #lastValueAt = -1;
  /** Whether the member that is being skipped is a list, whose elements count. */
  #skippingList = false;
  readonly #lists = new Map<Name, { records: number; census: Census }>();
  readonly #skipped = new Map<string, number>();
  readonly #form: FileForm<Name>;

  constructor(form: FileForm<Name>) {
    this.#form = form;
  }

  advance(bytes: number): void {
    this.#base += bytes;
    if (this.list !== undefined) this.#count(this.list);
  }

  #count(list: Name): void {
    const entry = this.#lists.get(list);
    if (entry !== undefined) entry.records = this.record;
  }

  /** A key of the file's object. */
  key(b: Uint8Array, start: number, stop: number): void {
    if (this.list !== undefined) this.#count(this.list);
    this.list = undefined;
    this.record = 0;
    try {
      this.#name = decodeKey(b.subarray(start, stop));
    } catch {
      throw this.malformed('has a key that is no text', start);
    }
    if (this.#isList(this.#name) && this.#lists.has(this.#name)) {
      throw this.malformed(`has the list ${this.#name} twice`, start);
    }
  }

  /** A value starts outside any record: the file's own (depth 0), a member of it (1), an element of a list or object there (2). */
  value(depth: number, c: number, at: number): void {
    // A token that a slice cut is read twice, and must not count twice.
    if (this.#base + at === this.#lastValueAt) return;
    this.#lastValueAt = this.#base + at;
    if (depth === 0) {
      this.#started = true;
      if (c === json.LESS_THAN) throw this.malformed('is a web page, not JSON', at);
      if (c === json.OPEN_LIST && this.#form.bare !== undefined) {
        this.#name = this.#form.bare;
        this.#member(c, at);
      } else if (c !== json.OPEN_OBJECT) throw this.malformed('does not begin with an object', at);
    } else if (depth === 1) this.#member(c, at);
    else if (this.list !== undefined) {
      this.record++;
      if (c !== json.OPEN_OBJECT) throw this.malformed('has a record that is not an object', at);
    } else if (this.#skippingList) this.#skip(1);
  }

  #member(c: number, at: number): void {
    const name = this.#name ?? '';
    if (this.#isList(name)) {
      if (c !== json.OPEN_LIST && c !== json.LETTER_N) throw this.malformed(`has ${name} that is not a list`, at);
      if (c === json.LETTER_N && name === this.#form.required)
        throw this.malformed(`has null for ${name}, which is no answer`, at);
      this.census = new Census(this.#form.lists[name]);
      this.#lists.set(name, { records: 0, census: this.census });
      this.list = name;
      return;
    }
    this.#skippingList = c === json.OPEN_LIST;
    this.#skip(this.#skippingList ? 0 : 1);
  }

  #isList(name: string): name is Name {
    return Object.hasOwn(this.#form.lists, name);
  }

  #skip(elements: number): void {
    const name = this.#name ?? '';
    if (!this.#skipped.has(name) && this.#skipped.size >= MAX_SKIPPED_NAMES) return;
    this.#skipped.set(name, (this.#skipped.get(name) ?? 0) + elements);
  }

  summary(): SplitSummary<Name> {
    if (this.list !== undefined) this.#count(this.list);
    if (this.#lists.size === 0) {
      throw new ExportError('FileMalformed', `The file has none of the lists of ${this.#form.what}.`);
    }
    // A list that is there and empty says "nothing"; one that is not there says that the file is not the whole answer.
    if (!this.#lists.has(this.#form.required)) {
      throw new ExportError('FileMalformed', `The file has no list of ${this.#form.required}.`);
    }
    return { bytes: this.#base, lists: this.#lists, skipped: this.#skipped };
  }

  /** The fault that the file `what`, at `at` in the scanner's buffer. */
  malformed(what: string, at: number): ExportError {
    return new ExportError('FileMalformed', `The file ${what} (${this.#place()}, byte ${this.#base + at}).`);
  }

  /** The fault that `c` stands where a value, or a comma or end, belongs. */
  misplaced(c: number, at: number): ExportError {
    const closing = c === json.CLOSE_OBJECT || c === json.CLOSE_LIST;
    return this.malformed(closing ? 'closes what it did not open' : 'has something other than a value or comma', at);
  }

  startsAt(at: number): boolean {
    return this.#base + at === 0;
  }

  breaksOff(depth: number): ExportError {
    if (!this.#started) return new ExportError('FileMalformed', 'The file is empty.');
    return new ExportError(
      'FileMalformed',
      `The file breaks off after ${this.#base} bytes, in ${this.#place()}, with ${depth} objects and lists open.`,
    );
  }

  #place(): string {
    if (this.list === undefined) return 'outside its lists';
    return this.record === 0 ? `list ${this.list}` : `list ${this.list}, record ${this.record}`;
  }
}
