import type { Piece, SeededDigits, Value } from './pieces.js';
import { json } from './pieces.js';
import { mix } from './random.js';

/** More digits than a double holds: 2^53 + 1. */
export const INTEGER_ABOVE_DOUBLE = '9007199254740993';
/** Sixteen significant digits. */
export const SIXTEEN_DIGITS = '12345678901234.56';

/** `text`: numbers of money as JSON strings, for an oracle that must not round. */
export type NumberForm = 'number' | 'text';

/** An amount: its text where that is fixed, else what it is drawn by. */
export type Money = { readonly exactly: string } | { readonly salt: number };

/** The amount as a JSON number. */
export function moneyNumber(seed: number, money: Money, form: NumberForm): Value {
  const pieces = 'exactly' in money ? [money.exactly] : amount(seed, money.salt);
  return form === 'text' ? ['"', ...pieces, '"'] : pieces;
}

/** The amount as people write it: `$3,000,190.00`. */
export function moneyText(seed: number, money: Money, symbol: string): readonly Piece[] {
  if ('exactly' in money) {
    const [whole = '', cents = ''] = money.exactly.split('.');
    return [`${symbol}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents.padEnd(2, '0')}`];
  }
  const { sign, leading, digits, cents } = draw(seed, money.salt);
  const pieces: Piece[] = [`${sign}${symbol}${leading}`];
  for (let left = digits.width; left > 0;) {
    const group = left % 3 === 0 ? 3 : left % 3;
    if (group === 3) pieces.push(',');
    left -= group;
    pieces.push({ ...digits, width: group, divisor: 10 ** left });
  }
  return cents === undefined ? [...pieces, '.00'] : [...pieces, '.', cents, ...(cents.width === 1 ? ['0'] : [])];
}

function amount(seed: number, salt: number): readonly Piece[] {
  const { sign, leading, digits, cents } = draw(seed, salt);
  return [`${sign}${leading}`, digits, ...(cents === undefined ? [] : ['.', cents])];
}

interface Drawn {
  readonly sign: '-' | '';
  readonly leading: number;
  readonly digits: SeededDigits;
  readonly cents: SeededDigits | undefined;
}

/** Sign and length depend on `seed` and `salt` alone, the digits on the block too. */
function draw(seed: number, salt: number): Drawn {
  const drawn = mix(seed, salt, 0x6d6f);
  const cents = (drawn >>> 8) % 10;
  const digits = (place: number, width: number, lastNonZero: boolean): SeededDigits => ({
    kind: 'digits',
    salt: salt * 2 + place,
    width,
    lastNonZero,
  });
  return {
    sign: drawn % 13 === 0 ? '-' : '',
    leading: 1 + (drawn % 9),
    digits: digits(0, 2 + ((drawn >>> 4) % 5), false),
    cents: cents < 8 ? digits(1, cents === 0 ? 1 : 2, true) : undefined,
  };
}

/** Of the others the code is the symbol too. */
const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥' };

/** Whether it looks like a code of ISO 4217. */
export const isCurrency = (code: string): boolean => /^[A-Z]{3}$/.test(code);

/** Two currencies are mixed unless one was asked for. */
export const currencyCode = (trait: number, asked: string | null): string => asked ?? (trait % 5 === 3 ? 'EUR' : 'USD');
export const symbolOf = (code: string): string => SYMBOLS[code] ?? code;
export const currencySymbol = (code: string): Value => json(symbolOf(code));
