import { CUT_BYTES, CUTS, MAX_CUTS } from './layout';

/** Longest number that is read here. */
const MAX_NUMBER: u32 = 1024;

/** Longest number that a double surely holds; a longer one is listed as a cut, and one that is written otherwise than a double is printed. */
let maxExact: u32 = 0;
let maxFraction: u32 = 0;
/** Whether the last number has an exponent or too many digits after the point. */
export let odd: bool = false;
/** End of the list of cuts. */
export let cutsEnd: u32 = CUTS;

export function setNumberLimits(maxExactNumber: u32, maxFractionDigits: u32): void {
  maxExact = maxExactNumber;
  maxFraction = maxFractionDigits;
}

export function setCutsEnd(end: u32): void {
  cutsEnd = end;
}

/** Reads a number, which starts with a digit or a minus, to the byte after it; 0 if it is none. */
export function skipNumber(p: u32): u32 {
  const digits = i8x16.le_u(i8x16.sub(v128.load(p), i8x16.splat(0x30)), i8x16.splat(9));
  const negative: u32 = load<u8>(p) == 0x2d ? 1 : 0;
  // Bit for each byte that is no digit; beyond the 16, all.
  let others: u32 = ~(<u32>i8x16.bitmask(digits)) & ~negative;
  const whole = ctz<u32>(others);
  if (whole - negative == 0 || (load<u8>(p + negative) == 0x30 && whole - negative > 1)) return 0;
  let end = whole;
  if (whole < 15 && load<u8>(p + whole) == 0x2e) {
    others &= others - 1;
    end = ctz<u32>(others);
    if (end == whole + 1) return 0;
    odd = end - whole - 1 > maxFraction;
  } else {
    odd = false;
  }
  if (end > 15 || end > maxExact || isRewritten(p, end, whole) || continues(load<u8>(p + end)))
    return skipLongNumber(p);
  return p + end;
}

/** Whether a byte that is no digit goes on with the token of a number. */
function continues(c: u32): bool {
  return c == 0x2e || (c | 0x20) == 0x65 || c == 0x2b || c == 0x2d;
}

/**
 * Whether a number of `length` bytes, of which `whole` stand before its point, is printed otherwise once it is a double:
 * `1.10` as `1.1`, `0.00001` as `1e-05`, `-0` as `0`.
 */
function isRewritten(p: u32, length: u32, whole: u32): bool {
  if (length == whole) return length == 2 && load<u16>(p) == 0x302d;
  if (load<u8>(p + length - 1) == 0x30 && length > whole + 2) return true;
  const isZero = load<u8>(p + whole - 1) == 0x30 && (whole == 1 || (whole == 2 && load<u8>(p) == 0x2d));
  return isZero && length > whole + 5 && load<u32>(p + whole + 1) == 0x30303030;
}

function skipDigits(p: u32): u32 {
  while (<u32>load<u8>(p) - 0x30 <= 9) p++;
  return p;
}

function skipLongNumber(start: u32): u32 {
  let p = start;
  if (load<u8>(p) == 0x2d) p++;
  if (load<u8>(p) == 0x30) p++;
  else {
    const first = p;
    p = skipDigits(p);
    if (p == first) return 0;
  }
  const whole = p - start;
  odd = false;
  if (load<u8>(p) == 0x2e) {
    const first = p + 1;
    p = skipDigits(first);
    if (p == first) return 0;
    odd = p - first > maxFraction;
  }
  let quoted = isRewritten(start, p - start, whole);
  if ((load<u8>(p) | 0x20) == 0x65) {
    p++;
    if (load<u8>(p) == 0x2b || load<u8>(p) == 0x2d) p++;
    const first = p;
    p = skipDigits(p);
    if (p == first) return 0;
    odd = true;
    quoted = true;
  }
  const c: u32 = load<u8>(p);
  if (c - 0x30 <= 9 || continues(c) || p - start > MAX_NUMBER) return 0;
  if (quoted || p - start > maxExact) {
    if (cutsEnd == CUTS + MAX_CUTS * CUT_BYTES) return 0;
    store<u32>(cutsEnd, start);
    store<u32>(cutsEnd, p, 4);
    cutsEnd += CUT_BYTES;
  }
  return p;
}
