import { listNames } from '../../src/redaction/lists.js';

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RandomDocument {
  /** The known lists and some unknown ones, as JSON.parse reads the text. */
  readonly document: Record<string, Record<string, unknown>[]>;
  readonly text: string;
}

const pieces = [
  'a',
  'é',
  '😀',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '},{"userId',
  '\\"',
  '/',
  '\t',
  'null',
  '\u2028',
  '\0',
];

/** A file of lists with nasty texts, nested values, escaped spellings and random blanks; numbers are short enough to stay numbers. */
export function randomDocument(random: () => number): RandomDocument {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const blank = random() < 0.5 ? (): string => '' : (): string => pick(['', ' ', '\n', '\r\n\t', '']);
  const string = (): string => Array.from({ length: below(6) }, () => pick(pieces)).join('');

  const spelt = (text: string): string =>
    JSON.stringify(text).replace(/[a-z]/g, (letter, at: number, all: string) =>
      // Not the letter of an escape.
      random() < 0.05 && all[at - 1] !== '\\' && !/\\u[\da-f]{0,3}$/.test(all.slice(Math.max(0, at - 5), at))
        ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
        : letter,
    );
  const write = (value: unknown): string => {
    if (typeof value === 'string') return spelt(value);
    if (Array.isArray(value)) return `[${blank()}${value.map(write).join(`${blank()},${blank()}`)}${blank()}]`;
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(
        ([key, member]) => `${spelt(key)}${blank()}:${blank()}${write(member)}`,
      );
      return `{${blank()}${members.join(`${blank()},${blank()}`)}${blank()}}`;
    }
    return JSON.stringify(value);
  };
  const value = (depth: number): unknown => {
    const kind = below(depth > 3 ? 5 : 7);
    if (kind === 0) return null;
    if (kind === 1) return random() < 0.5;
    if (kind === 2) return below(1e6) / pick([1, 10, 100]);
    if (kind === 3 || kind === 4) return string();
    if (kind === 5) return Array.from({ length: below(4) }, () => value(depth + 1));
    return object(depth + 1);
  };
  const object = (depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: below(6) }, (): [string, unknown] => [
        random() < 0.7 ? pick(['name', 'userId', 'currency', 'a', 'email']) : `k${string()}`,
        value(depth),
      ]),
    );

  const names = [
    ...listNames.filter((name) => name === 'entries' || random() < 0.6),
    ...(random() < 0.3 ? ['others'] : []),
  ];
  const document = Object.fromEntries(
    names.sort(() => random() - 0.5).map((name) => [name, Array.from({ length: below(6) }, () => object(0))]),
  );
  return { document, text: `${random() < 0.1 ? '\uFEFF' : ''}${blank()}${write(document)}${blank()}` };
}
