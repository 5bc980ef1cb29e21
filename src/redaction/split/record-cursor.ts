import { Census, type Field, type Spelling } from '../census.js';
import { QUOTE, ZERO } from './json-bytes.js';

/** Containers that are open inside a record, and inside an object that is the value of one of its fields. */
export const IN_RECORD = 3;
export const IN_MEMBER = 4;

/**
 * Where in a record the splitter is: its field, and the member of the object that is the field's value. Counts both in the census of
 * the list. Records mostly have their keys in the same order, so a key is first compared with those that came after the last one.
 */
export class RecordCursor {
  #census = new Census();
  #record = 0;
  #field: Field | undefined;
  #member: Field | undefined;
  #spelling: Spelling = this.#census.start;
  #memberSpelling: Spelling = this.#census.start;
  /** The key that is being read; undefined where keys are not counted. */
  #found: Spelling | undefined;

  startRecord(census: Census, record: number): void {
    this.#census = census;
    this.#record = record;
    this.#field = undefined;
    this.#member = undefined;
    this.#spelling = census.start;
  }

  /** End of the key at `b[start]` if it is an expected one, else -1. */
  expected(depth: number, b: Uint8Array, start: number, end: number): number {
    this.#found = undefined;
    if (depth > IN_MEMBER) return -1;
    const last = depth === IN_RECORD ? this.#spelling : this.#memberSpelling;
    this.#found = match(last.next, b, start, end) ?? match(last.other, b, start, end);
    return this.#found === undefined ? -1 : start + this.#found.bytes.length;
  }

  /** Looks up a key that was not expected. @throws SyntaxError when it is no text */
  look(depth: number, b: Uint8Array, start: number, stop: number): void {
    if (depth === IN_RECORD) this.#found = this.#census.spelling(this.#spelling, b, start, stop);
    else if (depth === IN_MEMBER) this.#found = this.#field?.members?.spelling(this.#memberSpelling, b, start, stop);
  }

  /** Counts the key that was found; false if the object has had it before. */
  enter(depth: number): boolean {
    const found = this.#found;
    if (found === undefined) return true;
    const field = found.field;
    if (field.lastRecord === this.#record && field.name !== '') return false;
    field.lastRecord = this.#record;
    field.records++;
    if (depth === IN_RECORD) {
      this.#field = field;
      this.#spelling = found;
    } else {
      this.#member = field;
      this.#memberSpelling = found;
    }
    return true;
  }

  /** The field or member whose value starts at this depth, if it is counted. */
  fieldAt(depth: number): Field | undefined {
    return depth === IN_RECORD ? this.#field : depth === IN_MEMBER ? this.#member : undefined;
  }

  /** An object or list starts as the value at this depth. */
  open(depth: number, object: boolean): void {
    const field = this.fieldAt(depth);
    if (field !== undefined) {
      if (object) {
        if (field.objects++ === 0) field.firstObject = this.#record;
      } else if (field.arrays++ === 0) field.firstArray = this.#record;
    }
    if (depth !== IN_RECORD || field === undefined) return;
    field.members ??= new Census();
    this.#memberSpelling = field.members.start;
    this.#member = undefined;
  }

  /** The escape `\uXXXX` at `b[at]` stands in the value of the field. */
  escape(b: Uint8Array, at: number): void {
    for (let k = at + 2; k < at + 6; k++) if (b[k] !== ZERO) return;
    const field = this.#field;
    if (field !== undefined && field.nulCharacters++ === 0) field.firstNul = this.#record;
  }
}

/** `spelling` if `b` goes on with it and a closing quote at `start`. */
function match(spelling: Spelling | undefined, b: Uint8Array, start: number, end: number): Spelling | undefined {
  if (spelling === undefined) return undefined;
  const bytes = spelling.bytes;
  const length = bytes.length;
  if (start + length >= end || b[start + length] !== QUOTE) return undefined;
  for (let k = 0; k < length; k++) if (b[start + k] !== bytes[k]) return undefined;
  return spelling;
}
