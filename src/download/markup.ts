const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LESS_THAN = 0x3c;
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Whether a file begins as HTML or XML does. */
export function looksLikeMarkup(start: Uint8Array): boolean {
  const marked = BYTE_ORDER_MARK.every((byte, index) => start[index] === byte);
  return start.subarray(marked ? BYTE_ORDER_MARK.length : 0).find((byte) => !blanks.has(byte)) === LESS_THAN;
}
