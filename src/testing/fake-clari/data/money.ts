import type { Piece, Value } from './pieces.js';
import { json } from './pieces.js';
import { mix } from './random.js';

/** More digits than a double holds: 2^53 + 1. */
export const INTEGER_ABOVE_DOUBLE = '9007199254740993';
/** Sixteen significant digits. */
export const SIXTEEN_DIGITS = '12345678901234.56';

/** `text`: numbers of money as JSON strings, for an oracle that must not round. */
export type NumberForm = 'number' | 'text';

/** A seeded amount; its sign and length depend on `seed` and `salt` alone, its digits on the block too. */
export function amount(seed: number, salt: number, form: NumberForm): Value {
  const drawn = mix(seed, salt, 0x6d6f);
  const negative = drawn % 13 === 0;
  const leading = 1 + (drawn % 9);
  const width = 2 + ((drawn >>> 4) % 5);
  const cents = (drawn >>> 8) % 10;
  const pieces: Piece[] = [
    `${negative ? '-' : ''}${leading}`,
    { kind: 'digits', salt: salt * 2, width, lastNonZero: false },
  ];
  if (cents < 8)
    pieces.push('.', { kind: 'digits', salt: salt * 2 + 1, width: cents === 0 ? 1 : 2, lastNonZero: true });
  return number(pieces, form);
}

export const exactly = (text: string, form: NumberForm): Value => number([text], form);

const number = (pieces: readonly Piece[], form: NumberForm): Value =>
  form === 'text' ? ['"', ...pieces, '"'] : pieces;

const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥' };

export const isCurrency = (code: string): boolean => Object.hasOwn(SYMBOLS, code);

/** `{code, symbol}` of an entry; two currencies are mixed unless one was asked for. */
export const currencyCode = (trait: number, asked: string | null): string => asked ?? (trait % 5 === 3 ? 'EUR' : 'USD');
export const currencySymbol = (code: string): Value => json(SYMBOLS[code] ?? null);
