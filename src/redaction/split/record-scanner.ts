import { DECIMAL_SCALE } from '../../model/tables.js';
import type { Census, Field } from '../census.js';
import { createRecordScannerModule, type RecordScannerModule } from './record-scanner-module.js';

/** Counts of a field by kind of value, in the order of the module's counters. */
const kinds = ['strings', 'numbers', 'oddNumbers', 'booleans', 'nulls', 'objects', 'arrays'] as const;

/** Keys of records, or of the objects that are a field's values. */
interface Owner {
  readonly census: Census;
  /** Address of the spelling before the first key. */
  readonly start: number;
  /** Spellings of the census that the module has. */
  known: number;
}

/**
 * Reads whole records of a list by WebAssembly, 16 bytes at a time, as long as they hold nothing new: no key, and no kind of value
 * of a field, that the census has not met; and nothing that is wrong or odd. It stops at the start of a record that is cut off or
 * does, with nothing of it counted, and whoever reads that record refuses it or counts what is new.
 */
export class RecordScanner {
  readonly buffer: Uint8Array;
  /** Records that the last scan has read, and all scans. */
  count = 0;
  total = 0;
  /** Where in the buffer the last scan met a record that it has not read; -1 if it met none. */
  stoppedAt = -1;
  readonly #module: RecordScannerModule;
  readonly #words: Uint32Array;
  readonly #base: number;
  readonly #fields = new Map<Field, number>();
  readonly #owners = new Map<Census, Owner>();
  #records: Owner | undefined;
  /** Whether the census may have what the module has not. */
  #stale = false;
  /** Whether the module's tables have no more room. */
  #full = false;

  /** A scanner with a buffer of its own, or undefined where there is no WebAssembly with SIMD. */
  static create(bufferBytes: number, maxExactNumber: number): RecordScanner | undefined {
    const module = createRecordScannerModule(bufferBytes);
    return module === undefined ? undefined : new RecordScanner(module, bufferBytes, maxExactNumber);
  }

  private constructor(module: RecordScannerModule, bufferBytes: number, maxExactNumber: number) {
    this.#module = module;
    this.#base = module.BUFFER.value;
    this.#words = new Uint32Array(module.memory.buffer);
    this.buffer = new Uint8Array(module.memory.buffer, this.#base, bufferBytes);
    module.setNumberLimits(maxExactNumber, DECIMAL_SCALE);
  }

  /** Reads records of the list with this census from `from`, where one starts, to `end`; says where the last whole one ends, or `from`. */
  scan(census: Census, from: number, end: number): number {
    if (this.#records?.census !== census) this.#begin(census);
    else if (this.#stale) this.#publish();
    const records = this.#records;
    if (records === undefined) return from;
    const module = this.#module;
    const after = module.scan(this.#base + from, this.#base + end, records.start) - this.#base;
    this.count = module.records.value;
    this.total += this.count;
    this.stoppedAt = module.stoppedAt.value - this.#base;
    this.#stale = module.unknown.value !== 0;
    return after;
  }

  /** Pairs of places, in order, around the numbers in what the last scan has read that do not come through a double as they are written. */
  cuts(): Uint32Array {
    const { CUTS, cutsEnd } = this.#module;
    if (cutsEnd.value === CUTS.value) return NO_CUTS;
    return this.#words.slice(CUTS.value / 4, cutsEnd.value / 4).map((place) => place - this.#base);
  }

  /** Adds to the fields of the census what the module has counted. */
  collect(): void {
    const words = this.#words;
    for (const [field, address] of this.#fields) {
      const at = (address + this.#module.COUNTERS.value) / 4;
      kinds.forEach((kind, k) => {
        const count = words[at + k] as number;
        field[kind] += count;
        // An odd number is counted among the numbers too.
        if (kind !== 'oddNumbers') field.records += count;
        words[at + k] = 0;
      });
    }
  }

  #begin(census: Census): void {
    this.collect();
    this.#module.resetKeys();
    this.#fields.clear();
    this.#owners.clear();
    this.#full = false;
    this.#records = this.#owner(census);
    this.#publish();
  }

  #publish(): void {
    if (this.#full || this.#records === undefined) return;
    for (const owner of [...this.#owners.values()]) this.#publishKeys(owner);
    for (const field of this.#records.census.fields.values()) this.#publishMembers(field);
    for (const [field, address] of this.#fields) {
      let seen = 0;
      kinds.forEach((kind, k) => (seen |= field[kind] > 0 ? 1 << k : 0));
      this.#words[(address + this.#module.SEEN.value) / 4] = seen;
    }
  }

  #publishKeys(owner: Owner): void {
    const { spellings } = owner.census;
    for (; owner.known < spellings.length && !this.#full; owner.known++) {
      const { bytes, field } = spellings[owner.known] as (typeof spellings)[number];
      // The field that stands for those beyond the census's limit may come twice in a record; a name of no letters is treated so too.
      if (field.name === '') continue;
      const address = this.#fields.get(field) ?? this.#room(this.#module.addField());
      const room = this.#room(this.#module.roomForKey(bytes.length));
      if (address === 0 || room === 0) return;
      this.#fields.set(field, address);
      new Uint8Array(this.#module.memory.buffer).set(bytes, room);
      this.#room(this.#module.addSpelling(owner.start, address, bytes.length));
    }
  }

  #publishMembers(field: Field): void {
    const address = this.#fields.get(field);
    if (field.members === undefined || address === undefined || this.#owners.has(field.members)) return;
    const owner = this.#owner(field.members);
    if (owner === undefined) return;
    this.#words[(address + this.#module.MEMBERS.value) / 4] = owner.start;
    this.#publishKeys(owner);
  }

  #owner(census: Census): Owner | undefined {
    const start = this.#room(this.#module.addOwner());
    if (this.#full) return undefined;
    const owner = { census, start, known: 0 };
    this.#owners.set(census, owner);
    return owner;
  }

  #room(address: number): number {
    if (address === 0) this.#full = true;
    return address;
  }
}

const NO_CUTS = new Uint32Array(0);
