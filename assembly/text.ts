/** Blanks, strings and escapes. Every function gives the address after what it has read, or 0 if that is not there whole. */

const BACKSLASH: u32 = 0x5c;
const QUOTE: u32 = 0x22;
const LETTER_U: u32 = 0x75;
const SPACE: u32 = 0x20;
const TAB: u32 = 0x09;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;

/** Skips blanks, and makes them spaces: a raw line end inside a record would end its line. */
export function skipBlanks(p: u32): u32 {
  // Mostly there is none, or one space after a colon.
  if (load<u8>(p) > SPACE) return p;
  if (load<u8>(p) == SPACE && load<u8>(p, 1) > SPACE) return p + 1;
  while (true) {
    const bytes = v128.load(p);
    const low: u32 = i8x16.bitmask(i8x16.le_u(bytes, i8x16.splat(0x20)));
    const spaces: u32 = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x20)));
    const count = ctz<u32>(~low);
    // Not the blanks further on: one inside a string would be made valid. And byte by byte: a store of all 16 would make the
    // processor wait for it before it can load what comes next.
    let others = low & ~spaces & ((1 << count) - 1);
    while (others != 0) {
      const at = p + ctz<u32>(others);
      const c: u32 = load<u8>(at);
      if (c != LF && c != CR && c != TAB) return at;
      store<u8>(at, SPACE);
      others &= others - 1;
    }
    p += count;
    if (count < 16) return p;
  }
}

/** Bit for each of the 16 bytes at `p` that is a quote, a backslash or a control character. */
export function special(p: u32): u32 {
  const bytes = v128.load(p);
  const marks = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)));
  return i8x16.bitmask(v128.or(marks, i8x16.le_u(bytes, i8x16.splat(0x1f))));
}

/** Reads a string from the byte after its opening quote to the byte after its closing one. */
export function skipString(p: u32): u32 {
  while (true) {
    let marks = special(p);
    let read: u32 = 16;
    while (marks != 0) {
      const at = p + ctz<u32>(marks);
      const c: u32 = load<u8>(at);
      if (c == QUOTE) return at + 1;
      if (c != BACKSLASH) return 0;
      const after = skipEscape(at);
      if (after == 0) return 0;
      read = max<u32>(after - p, 16);
      // What the escape has used up is no mark.
      marks = after - p < 32 ? marks & (~0 << (after - p)) : 0;
    }
    p += read;
  }
}

/** Where the key whose inside starts at `p` ends: at its quote, or 0. Its escapes are not checked. */
export function keyEnd(p: u32): u32 {
  while (true) {
    const marks = special(p);
    if (marks == 0) {
      p += 16;
      continue;
    }
    p += ctz<u32>(marks);
    const c: u32 = load<u8>(p);
    if (c == QUOTE) return p;
    if (c != BACKSLASH || load<u8>(p, 1) == 0) return 0;
    p += 2;
  }
}

function skipEscape(p: u32): u32 {
  const c: u32 = load<u8>(p, 1);
  if (c != LETTER_U) {
    // " \ / b f n r t
    const known = c == QUOTE || c == BACKSLASH || c == 0x2f || c == 0x62;
    return known || c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74 ? p + 2 : 0;
  }
  const unit = hexUnit(p + 2);
  // A NUL character is counted with the field it is in; that is left to the other reader.
  if (unit <= 0) return 0;
  if ((unit & 0xf800) != 0xd800) return p + 6;
  // A surrogate pair, or no character.
  if (unit >= 0xdc00 || load<u16>(p, 6) != ((LETTER_U << 8) | BACKSLASH)) return 0;
  const low = hexUnit(p + 8);
  return low >= 0 && (low & 0xfc00) == 0xdc00 ? p + 12 : 0;
}

/** Four hex digits as a number, or -1. */
function hexUnit(p: u32): i32 {
  let unit: i32 = 0;
  for (let k: u32 = 0; k < 4; k++) {
    const c: u32 = load<u8>(p + k);
    let digit = c - 0x30;
    if (digit > 9) {
      digit = (c | 0x20) - 0x61;
      if (digit > 5) return -1;
      digit += 10;
    }
    unit = (unit << 4) | (<i32>digit);
  }
  return unit;
}
