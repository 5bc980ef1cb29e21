/**
 * The scanner's memory. Nothing in it moves or grows, so that views of it in JavaScript stay valid.
 *
 * | what      | holds                                                                  |
 * | --------- | ---------------------------------------------------------------------- |
 * | cuts      | pairs of addresses: numbers that have to be put in quotes               |
 * | fields    | one for each field of the records, and of objects in them               |
 * | spellings | one for each way in which a field's name is written in this file        |
 * | index     | hash table of addresses of spellings                                    |
 * | keys      | the spellings' bytes, quotes included                                   |
 * | buffer    | the part of the file that is being read                                 |
 */

export const CUTS: u32 = 1024;
export const MAX_CUTS: u32 = 16 * 1024;
export const CUT_BYTES: u32 = 8;

export const FIELDS: u32 = CUTS + MAX_CUTS * CUT_BYTES;
export const MAX_FIELDS: u32 = 1024;
export const FIELD_BYTES: u32 = 64;

/** Offsets in a field. */
export const LAST_RECORD: u32 = 0;
/** One counter for each kind of value. */
export const COUNTERS: u32 = 4;
/** Bit for each kind of value that may be counted here. */
export const SEEN: u32 = 32;
/** Spelling before the first member of an object that is the field's value; 0 where members are not counted. */
export const MEMBERS: u32 = 36;

export const SPELLINGS: u32 = FIELDS + MAX_FIELDS * FIELD_BYTES;
export const MAX_SPELLINGS: u32 = 2048;
export const SPELLING_BYTES: u32 = 64;

/** Offsets in a spelling: its first 16 bytes, and which of these count. */
export const HEAD: u32 = 0;
export const HEAD_MASK: u32 = 16;
export const LENGTH: u32 = 32;
export const BYTES: u32 = 36;
export const FIELD: u32 = 40;
/** The spellings that came after this one the last times. */
export const NEXT: u32 = 44;
export const OTHER: u32 = 48;
export const HASH: u32 = 52;
/** Which records or objects it is a key of. */
export const OWNER: u32 = 56;

export const INDEX: u32 = SPELLINGS + MAX_SPELLINGS * SPELLING_BYTES;
export const INDEX_SLOTS: u32 = 8192;

export const KEYS: u32 = INDEX + INDEX_SLOTS * 4;
export const MAX_KEYS: u32 = 128 * 1024;

export const BUFFER: u32 = KEYS + MAX_KEYS;
