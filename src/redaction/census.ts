/**
 * Which fields the records of a list have, and what kind of values: counted while the file is split, so that a field that
 * the model does not know is reported instead of vanishing, and SQL can leave out checks for what does not occur.
 */

/** One field of the records of a list. Counts are of records. */
export class Field {
  records = 0;
  strings = 0;
  numbers = 0;
  /** Numbers with an exponent or too many fraction digits (json-bytes.ts). */
  oddNumbers = 0;
  booleans = 0;
  nulls = 0;
  objects = 0;
  arrays = 0;
  /** Escaped NUL characters in the value, at any depth. */
  nulCharacters = 0;
  /** Number, from 1, of the first record whose value was of the kind; 0 for none. */
  firstNumber = 0;
  firstBoolean = 0;
  firstObject = 0;
  firstArray = 0;
  firstNul = 0;
  /** Number of the record that had it last: a second time in the same record is a duplicate key. */
  lastRecord = 0;
  /** Fields of the objects that stand as its value. */
  members: Census | undefined;

  constructor(readonly name: string) {}

  /** Values other than null. */
  get values(): number {
    return this.strings + this.numbers + this.booleans + this.objects + this.arrays;
  }
}

/** A field as it is spelt in the file (`name`, `na\u006de`), with the spellings that came after it the last times. */
export class Spelling {
  next: Spelling | undefined;
  other: Spelling | undefined;

  constructor(
    readonly bytes: Uint8Array,
    readonly field: Field,
  ) {}
}

/** Distinct unknown names counted one by one in a list; the rest are counted together, so that memory stays bounded. */
const MAX_FIELDS = 2048;
const MAX_SPELLINGS = 8192;

export class Census {
  readonly fields = new Map<string, Field>();
  /** Where the search for a record's first field starts. */
  readonly start = new Spelling(new Uint8Array(0), new Field(''));
  /** Fields beyond the limit. */
  readonly rest = new Field('');
  readonly #spellings = new Map<string, Spelling>();
  /** The spellings that are remembered, in the order in which they were met. */
  readonly spellings: Spelling[] = [];

  /** `known`: names that are always counted apart. */
  constructor(known: Iterable<string> = []) {
    for (const name of known) this.fields.set(name, new Field(name));
  }

  /** Whether a field has a value in some record. */
  isFilled(name: string): boolean {
    return (this.fields.get(name)?.values ?? 0) > 0;
  }

  /**
   * The field that `bytes[start, end)` (the inside of a string in key position) names, expected after `previous`.
   * @throws SyntaxError when it is no valid string
   */
  spelling(previous: Spelling, bytes: Uint8Array, start: number, end: number): Spelling {
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    const text = raw.toString('latin1');
    let found = this.#spellings.get(text);
    if (found === undefined) {
      found = new Spelling(Uint8Array.from(raw), this.#field(decodeKey(raw)));
      // Its bytes are copied above, so that the cache does not keep the chunk alive.
      if (this.#spellings.size < MAX_SPELLINGS) {
        this.#spellings.set(text, found);
        this.spellings.push(found);
      }
    }
    previous.other = previous.next;
    previous.next = found;
    return found;
  }

  #field(name: string): Field {
    let field = this.fields.get(name);
    if (field === undefined) {
      if (this.fields.size >= MAX_FIELDS) return this.rest;
      field = new Field(name);
      this.fields.set(name, field);
    }
    return field;
  }
}

/** A key's text with its escapes resolved. One key, never a piece of the file: JSON.parse is the exact reader of a JSON string. */
export function decodeKey(raw: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  const key = JSON.parse(`"${text}"`) as string;
  if (/\p{Surrogate}/u.test(key)) throw new SyntaxError('lone surrogate');
  return key;
}
