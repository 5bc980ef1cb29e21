/**
 * Text as a row of pieces: literals, and patches whose width is fixed though their content differs from block to block.
 * Fixed widths are what makes any offset of a file of any size computable without writing what stands before it.
 */
export type Piece = string | Patch;

export type Patch =
  /** Number of a person, eight digits. */
  | { readonly kind: 'person'; readonly slot: number }
  /** Surname of a person, eight ASCII letters, another one for everybody. */
  | { readonly kind: 'surname'; readonly slot: number; readonly letters: 'capital' | 'lower' | 'upper' }
  | SeededDigits
  /** Number of the block, nine digits. */
  | { readonly kind: 'block' }
  /** When that slot of a stream happened. */
  | { readonly kind: 'moment'; readonly slot: number; readonly form: MomentForm };

export interface SeededDigits {
  readonly kind: 'digits';
  readonly salt: number;
  readonly width: number;
  /** Keeps a fraction in its shortest form. */
  readonly lastNonZero: boolean;
  /** A power of ten: leaves the lowest of the drawn digits out. Default 1. */
  readonly divisor?: number;
}

/** ISO 8601 in UTC; epoch milliseconds; epoch seconds; nanoseconds of the second, with spaces in front. */
export type MomentForm = 'iso' | 'milliseconds' | 'seconds' | 'nanoseconds';

export const PERSON_WIDTH = 8;
export const SURNAME_WIDTH = 8;
export const BLOCK_WIDTH = 9;
export const MOMENT_WIDTHS: Readonly<Record<MomentForm, number>> = {
  iso: 24,
  milliseconds: 13,
  seconds: 10,
  nanoseconds: 9,
};

export function patchWidth(patch: Patch): number {
  switch (patch.kind) {
    case 'person':
      return PERSON_WIDTH;
    case 'surname':
      return SURNAME_WIDTH;
    case 'digits':
      return patch.width;
    case 'block':
      return BLOCK_WIDTH;
    case 'moment':
      return MOMENT_WIDTHS[patch.form];
  }
}

/** At least one member. */
export interface JsonObject {
  readonly members: readonly Member[];
}
export type Value = readonly Piece[] | JsonObject;
export type Member = readonly [key: string, value: Value];

export const json = (value: string | number | boolean | null): Value => [JSON.stringify(value)];

/** A JSON string made of `pieces`; literals are escaped, patches never need it. */
export const quoted = (pieces: readonly Piece[]): readonly Piece[] => [
  '"',
  ...pieces.map((piece) => (typeof piece === 'string' ? JSON.stringify(piece).slice(1, -1) : piece)),
  '"',
];

export const object = (members: readonly Member[]): Value => ({ members });

/** A JSON array without spaces, for files that are never indented. */
export function compactArray(values: readonly Value[]): Value {
  const pieces: Piece[] = [];
  for (const value of values) {
    pieces.push(pieces.length === 0 ? '[' : ',');
    layout(pieces, value, false, 0);
  }
  return pieces.length === 0 ? ['[]'] : [...pieces, ']'];
}

/**
 * Appends the text of `value` to `target`: compact, or indented by two spaces as `JSON.stringify(value, null, 2)` does it, `depth`
 * levels deep. Appends, rather than giving a list to be copied, since a template is made of some hundred thousand pieces.
 */
export function layout(target: Piece[], value: Value, pretty: boolean, depth: number): void {
  if (!('members' in value)) {
    target.push(...value);
    return;
  }
  const inner = pretty ? `\n${'  '.repeat(depth + 1)}` : '';
  const colon = pretty ? ': ' : ':';
  let before = '{';
  for (const [key, member] of value.members) {
    target.push(`${before}${inner}"${key}"${colon}`);
    layout(target, member, pretty, depth + 1);
    before = ',';
  }
  target.push(pretty ? `\n${'  '.repeat(depth)}}` : '}');
}
