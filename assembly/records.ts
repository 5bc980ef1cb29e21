import * as layout from './layout';
import { addField, addOwner, addSpelling, findKey, resetKeys, roomForKey, wholeKey } from './keys';
import { cutsEnd, odd, setCutsEnd, setNumberLimits, skipNumber } from './numbers';
import { skipBlanks, skipString, special } from './text';

export { addField, addOwner, addSpelling, resetKeys, roomForKey, setNumberLimits, cutsEnd };
export { BUFFER, COUNTERS, CUTS, MEMBERS, SEEN } from './layout';

const SPACE: u32 = 0x20;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
const OPEN_LIST: u32 = 0x5b;
const CLOSE_LIST: u32 = 0x5d;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;

/** Kinds of values, in the order of their counters. */
const enum Kind {
  String,
  Number,
  OddNumber,
  Boolean,
  Null,
  Object,
  List,
}

/** Lists and objects inside each other that are read here. */
const MAX_NESTING: u32 = 64;

/** How many records were tried, through all calls: tells a key that comes twice. */
let record: u32 = 0;

/** Records that the last scan has read. */
export let records: u32 = 0;
/** Start of the record that the last scan has not read; 0 if it met none. */
export let stoppedAt: u32 = 0;
/** Whether that was for a field, or a kind of value of a field, that was not known here. */
export let unknown: bool = false;

/**
 * Reads the records of a list from `from`, where one starts, to `end`, and makes the commas between them line ends. Gives the
 * address after the last whole one, or `from`. What is in any way out of the ordinary is not read but left to the other reader,
 * from the start of its record and with nothing of it counted.
 */
export function scan(from: u32, end: u32, start: u32): u32 {
  // Ends whatever token is cut off by the end, so that nothing below has to look for it.
  const saved = load<u8>(end);
  store<u8>(end, 0);
  setCutsEnd(layout.CUTS);
  records = 0;
  stoppedAt = 0;
  unknown = false;
  let done = from;
  let comma: u32 = 0;
  let p = from;
  while (true) {
    const cuts = cutsEnd;
    const after = skipCounted(p, start, true, ++record, 1);
    if (after == 0) {
      // Takes back what it has counted: it goes as far as it went before.
      setCutsEnd(cuts);
      skipCounted(p, start, true, ++record, -1);
      setCutsEnd(cuts);
      stoppedAt = p;
      break;
    }
    if (comma != 0) store<u8>(comma, 0x0a);
    records++;
    done = after;
    p = skipBlanks(after);
    if (load<u8>(p) != COMMA) break;
    comma = p;
    p = skipBlanks(p + 1);
    if (load<u8>(p) != OPEN_OBJECT) break;
  }
  store<u8>(end, saved);
  return done;
}

/** Adds to the count of a field's values of a kind; false if that is not for us to do. */
function count(field: u32, kind: u32, step: i32): bool {
  if (((load<u32>(field, layout.SEEN) >> kind) & 1) == 0) {
    unknown = true;
    return false;
  }
  const counter = field + layout.COUNTERS + kind * 4;
  store<u32>(counter, load<u32>(counter) + step);
  return true;
}

/**
 * Reads an object whose keys are counted, each value `step` times: a record, or an object that is the value of a record's field.
 * `serial` is a number that no other call for a record has.
 */
function skipCounted(p: u32, start: u32, isRecord: bool, serial: u32, step: i32): u32 {
  let previous = start;
  p++;
  if (load<u8>(p) <= SPACE) p = skipBlanks(p);
  if (load<u8>(p) == CLOSE_OBJECT) return p + 1;
  while (true) {
    previous = findKey(p, previous);
    if (previous == 0) {
      if (wholeKey) unknown = true;
      return 0;
    }
    p += load<u32>(previous, layout.LENGTH);
    const field = load<u32>(previous, layout.FIELD);
    if (load<u32>(field, layout.LAST_RECORD) == serial) return 0;
    store<u32>(field, serial, layout.LAST_RECORD);

    if (load<u8>(p) != COLON) {
      p = skipBlanks(p);
      if (load<u8>(p) != COLON) return 0;
    }
    p++;
    if (load<u8>(p) <= SPACE) p = skipBlanks(p);

    const c: u32 = load<u8>(p);
    if (c == QUOTE) {
      if (!count(field, Kind.String, step)) return 0;
      // Most strings end within 16 bytes.
      p++;
      const marks = special(p);
      if (marks == 0) p = skipString(p + 16);
      else {
        const end = p + ctz<u32>(marks);
        p = load<u8>(end) == QUOTE ? end + 1 : skipString(p);
      }
    } else if (c - 0x30 <= 9 || c == 0x2d) {
      p = skipNumber(p);
      if (p == 0 || !count(field, Kind.Number, step)) return 0;
      if (odd && !count(field, Kind.OddNumber, step)) return 0;
    } else if (c == OPEN_OBJECT) {
      if (!count(field, Kind.Object, step)) return 0;
      const members = load<u32>(field, layout.MEMBERS);
      if (isRecord && members == 0) return 0;
      p = isRecord ? skipCounted(p, members, false, serial, step) : skipNested(p, 0);
    } else if (c == OPEN_LIST) {
      if (!count(field, Kind.List, step)) return 0;
      p = skipNested(p, 0);
    } else {
      if (!count(field, c == 0x6e ? Kind.Null : Kind.Boolean, step)) return 0;
      p = skipWord(p);
    }
    if (p == 0) return 0;

    if (load<u8>(p) <= SPACE) p = skipBlanks(p);
    const d: u32 = load<u8>(p);
    if (d == COMMA) {
      p++;
      if (load<u8>(p) <= SPACE) p = skipBlanks(p);
    } else {
      return d == CLOSE_OBJECT ? p + 1 : 0;
    }
  }
}

/** Reads a list or object in which nothing is counted. */
function skipNested(p: u32, depth: u32): u32 {
  if (depth == MAX_NESTING) return 0;
  const isObject = load<u8>(p) == OPEN_OBJECT;
  const close = isObject ? CLOSE_OBJECT : CLOSE_LIST;
  p = skipBlanks(p + 1);
  if (load<u8>(p) == close) return p + 1;
  while (true) {
    if (isObject) {
      if (load<u8>(p) != QUOTE) return 0;
      p = skipString(p + 1);
      if (p == 0) return 0;
      p = skipBlanks(p);
      if (load<u8>(p) != COLON) return 0;
      p = skipBlanks(p + 1);
    }
    const c: u32 = load<u8>(p);
    if (c == QUOTE) p = skipString(p + 1);
    else if (c == OPEN_OBJECT || c == OPEN_LIST) p = skipNested(p, depth + 1);
    else if (c - 0x30 <= 9 || c == 0x2d) p = skipNumber(p);
    else p = skipWord(p);
    if (p == 0) return 0;
    p = skipBlanks(p);
    const d: u32 = load<u8>(p);
    if (d == close) return p + 1;
    if (d != COMMA) return 0;
    p = skipBlanks(p + 1);
  }
}

/** Reads `true`, `false` or `null`. */
function skipWord(p: u32): u32 {
  const word = load<u32>(p);
  if (word == 0x65757274 || word == 0x6c6c756e) return p + 4;
  return word == 0x736c6166 && load<u8>(p, 4) == 0x65 ? p + 5 : 0;
}
