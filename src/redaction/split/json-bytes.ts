/** Bytes of JSON by name, and the class tables that the scanner's loops look them up in. */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const LESS_THAN = 0x3c;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
export const LETTER_F = 0x66;
export const LETTER_N = 0x6e;
export const LETTER_T = 0x74;
export const LETTER_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

export const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

export function hasByteOrderMark(bytes: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte);
}

const table = (member: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (member(byte) ? 1 : 0));

/** Bytes that stand for themselves inside a string: neither its end, nor an escape, nor a control character. */
export const plainInString = table((byte) => byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH);
export const whitespace = table((byte) => byte === SPACE || byte === LF || byte === CR || byte === TAB);
export const inNumber = table(
  (byte) => (byte >= ZERO && byte <= NINE) || '+-.eE'.includes(String.fromCharCode(byte) || ' '),
);
/** What may follow a backslash. */
export const escapable = table((byte) => '"\\/bfnrtu'.includes(String.fromCharCode(byte)));

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const literals = new Map<number, Uint8Array>([
  [LETTER_T, bytesOf('true')],
  [LETTER_F, bytesOf('false')],
  [LETTER_N, bytesOf('null')],
]);

/** Whether `bytes[start, end)` is a number by JSON's grammar, and how it is written. */
export type NumberForm = 'malformed' | 'plain' | 'odd';

const grammar = /^-?(?:0|[1-9]\d*)(?:\.(\d+))?([eE][+-]?\d+)?$/;

/** `odd`: has an exponent or more fraction digits than a `decimal` column, so that its cast has to be checked. */
export function numberForm(bytes: Uint8Array, start: number, end: number, maxFractionDigits: number): NumberForm {
  let at = start;
  if (bytes[at] === MINUS) at++;
  const first = at;
  while (at < end && isDigit(bytes[at])) at++;
  // Nearly every number ends here or in a few digits of fraction; the pattern below is for the others.
  if (at > first && (bytes[first] !== ZERO || at === first + 1)) {
    if (at === end) return 'plain';
    if (bytes[at] === POINT) {
      const point = at++;
      while (at < end && isDigit(bytes[at])) at++;
      if (at === end && at > point + 1) return at - point - 1 <= maxFractionDigits ? 'plain' : 'odd';
    }
  }
  return grammar.test(asciiText(bytes, start, end)) ? 'odd' : 'malformed';
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
