import * as layout from './layout';
import { keyEnd } from './text';

const QUOTE: u32 = 0x22;

/** Whether the key that was not found is there whole. */
export let wholeKey: bool = false;

let fieldsEnd: u32 = layout.FIELDS;
let spellingsEnd: u32 = layout.SPELLINGS;
let keysEnd: u32 = layout.KEYS;

/** Forgets all fields and spellings. */
export function resetKeys(): void {
  memory.fill(layout.INDEX, 0, layout.INDEX_SLOTS * 4);
  fieldsEnd = layout.FIELDS;
  spellingsEnd = layout.SPELLINGS;
  keysEnd = layout.KEYS;
}

/** Makes a field with no counts; 0 if there is no room. */
export function addField(): u32 {
  if (fieldsEnd == layout.FIELDS + layout.MAX_FIELDS * layout.FIELD_BYTES) return 0;
  const field = fieldsEnd;
  fieldsEnd += layout.FIELD_BYTES;
  memory.fill(field, 0, layout.FIELD_BYTES);
  return field;
}

/** Makes the spelling that stands before the first key of a record or object, and owns its keys; 0 if there is no room. */
export function addOwner(): u32 {
  if (spellingsEnd == layout.SPELLINGS + layout.MAX_SPELLINGS * layout.SPELLING_BYTES) return 0;
  const spelling = spellingsEnd;
  spellingsEnd += layout.SPELLING_BYTES;
  memory.fill(spelling, 0, layout.SPELLING_BYTES);
  store<u32>(spelling, spelling, layout.OWNER);
  return spelling;
}

/** Where the inside of the next spelling, of `length` bytes, is to be written; 0 if there is no room. */
export function roomForKey(length: u32): u32 {
  // Its quotes, and 16 bytes that a comparison may read beyond it.
  return keysEnd + length + 18 > layout.KEYS + layout.MAX_KEYS ? 0 : keysEnd + 1;
}

/** Makes the spelling of `field` whose inside was written to `roomForKey(length)`; 0 if there is no room. */
export function addSpelling(owner: u32, field: u32, length: u32): u32 {
  const spelling = addOwner();
  if (spelling == 0) return 0;
  const bytes = keysEnd;
  const total = length + 2;
  keysEnd += total;
  store<u8>(bytes, QUOTE);
  store<u8>(bytes + length + 1, QUOTE);
  const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const mask = i8x16.lt_s(lanes, i8x16.splat(<i8>min<u32>(total, 16)));
  v128.store(spelling, v128.and(v128.load(bytes), mask), layout.HEAD);
  v128.store(spelling, mask, layout.HEAD_MASK);
  store<u32>(spelling, total, layout.LENGTH);
  store<u32>(spelling, bytes, layout.BYTES);
  store<u32>(spelling, field, layout.FIELD);
  store<u32>(spelling, owner, layout.OWNER);
  const hash = hashOf(owner, bytes + 1, bytes + 1 + length);
  store<u32>(spelling, hash, layout.HASH);
  let slot = hash % layout.INDEX_SLOTS;
  while (load<u32>(layout.INDEX + slot * 4) != 0) slot = (slot + 1) % layout.INDEX_SLOTS;
  store<u32>(layout.INDEX + slot * 4, spelling);
  return spelling;
}

/** The spelling at `p` of a key of the same owner as `previous`; 0 if none is known. */
export function findKey(p: u32, previous: u32): u32 {
  const next = load<u32>(previous, layout.NEXT);
  if (next != 0 && matches(next, p)) return next;
  const other = load<u32>(previous, layout.OTHER);
  if (other != 0 && matches(other, p)) return other;
  return lookUp(p, previous);
}

function matches(spelling: u32, p: u32): bool {
  const head = v128.and(v128.load(p), v128.load(spelling, layout.HEAD_MASK));
  if (v128.any_true(v128.xor(head, v128.load(spelling, layout.HEAD)))) return false;
  const total = load<u32>(spelling, layout.LENGTH);
  return total <= 16 || tailMatches(load<u32>(spelling, layout.BYTES), p, total);
}

function tailMatches(bytes: u32, p: u32, total: u32): bool {
  for (let at: u32 = 16; at + 16 < total; at += 16) {
    if (v128.any_true(v128.xor(v128.load(p + at), v128.load(bytes + at)))) return false;
  }
  const last = total - 16;
  return !v128.any_true(v128.xor(v128.load(p + last), v128.load(bytes + last)));
}

function lookUp(p: u32, previous: u32): u32 {
  const end = load<u8>(p) == QUOTE ? keyEnd(p + 1) : 0;
  wholeKey = end != 0;
  if (end == 0) return 0;
  const owner = load<u32>(previous, layout.OWNER);
  const hash = hashOf(owner, p + 1, end);
  let slot = hash % layout.INDEX_SLOTS;
  while (true) {
    const found = load<u32>(layout.INDEX + slot * 4);
    if (found == 0) return 0;
    if (load<u32>(found, layout.HASH) == hash && load<u32>(found, layout.OWNER) == owner && matches(found, p)) {
      store<u32>(previous, load<u32>(previous, layout.NEXT), layout.OTHER);
      store<u32>(previous, found, layout.NEXT);
      return found;
    }
    slot = (slot + 1) % layout.INDEX_SLOTS;
  }
}

/** FNV-1a. */
function hashOf(owner: u32, start: u32, end: u32): u32 {
  let hash: u32 = 0x811c9dc5 ^ owner;
  for (let at = start; at < end; at++) hash = (hash ^ load<u8>(at)) * 0x01000193;
  return hash;
}
