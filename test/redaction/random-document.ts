import { activityFile, auditFile, forecastFile, type FileForm } from '../../src/redaction/split/file-form.js';

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
  readonly form: FileForm<string>;
  readonly text: string;
}

const pieces = [
  ...['a', 'é', '😀', '"', '\\', '{', '}', '[', ']', ',', ':', '\n', '},{"userId', '\\"', '/', '\t', 'null', '\u2028'],
  ...['fifteen letters', 'just sixteen let', 'a text of more than thirty-two letters'],
];
const numbers = [
  ...['0', '-0', '7', '-12', '1791970000000', '123456789012345', '12345678901.234', '-1234567890123.5', '1.005'],
  ...[
    '1234567890123456',
    '12345678901234567.89',
    '0.30000000000000004',
    '-1.5e3',
    '1E+5',
    '0.000000001',
    '2e-7',
    '0.5',
    '1.10',
    '12.0',
    '-0.0',
    '0.0000',
    '0.0001',
    '-0.00012',
    '-0.00001',
    '10.00001',
  ],
];
const keys = [
  'name',
  'userId',
  'currency',
  'a',
  'email',
  'parentHierarchyName',
  'aggregationTotal',
  'aKeyOfMoreThanThirtyTwoLettersInAll',
];

type Value = (depth: number) => string;

/** The text of a file of lists with nasty strings, nested values, escaped spellings and random blanks. */
export function randomDocument(random: () => number): RandomDocument {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);
  const blank = random() < 0.5 ? (): string => '' : (): string => pick(['', ' ', '\n', '\r\n\t', '', '\n'.padEnd(20)]);

  const spelt = (text: string): string =>
    JSON.stringify(text).replace(/[a-z]/g, (letter, at: number, all: string) =>
      // Not the letter of an escape.
      random() < 0.03 && all[at - 1] !== '\\' && !/\\u[\da-f]{0,3}$/.test(all.slice(Math.max(0, at - 5), at))
        ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
        : letter,
    );
  const inside = (open: string, parts: readonly string[], close: string): string =>
    `${open}${blank()}${parts.join(`${blank()},${blank()}`)}${blank()}${close}`;
  const member = (key: string, value: string): string => `${key}${blank()}:${blank()}${value}`;

  const string: Value = () => (random() < 0.005 ? '"\\u0000"' : spelt(times(below(6), () => pick(pieces)).join('')));
  const list: Value = (depth) =>
    inside(
      '[',
      times(below(4), () => value(depth + 1)),
      ']',
    );
  const object: Value = (depth) => {
    const names = new Set(times(below(5), () => (random() < 0.8 ? pick(keys) : `${pick(keys)}${below(9)}`)));
    return inside(
      '{',
      [...names].map((name) => member(spelt(name), value(depth + 1))),
      '}',
    );
  };
  const kinds: readonly Value[] = [
    () => 'null',
    () => pick(['true', 'false']),
    () => pick(numbers),
    string,
    string,
    list,
    object,
  ];
  const value: Value = (depth) => pick(kinds.slice(0, depth > 2 ? 5 : 7))(depth);

  /** Records of few shapes, as files have them; or each for itself. */
  const records = (): string[] => {
    if (random() < 0.2) return times(below(6), () => object(0));
    const fields = [...new Set(times(1 + below(7), () => pick(keys)))].map((name) => ({
      key: spelt(name),
      kinds: [pick(kinds), pick(kinds)],
      gone: random() * 0.2,
    }));
    return times(below(16), () => {
      const there = fields.filter(({ gone }) => random() >= gone);
      if (random() < 0.05) there.reverse();
      return inside(
        '{',
        there.map((field) => member(field.key, pick(field.kinds)(1))),
        '}',
      );
    });
  };

  const form: FileForm<string> = pick([forecastFile, forecastFile, activityFile, auditFile]);
  const begin = random() < 0.1 ? '\uFEFF' : '';
  if (form.bare !== undefined && random() < 0.5)
    return { form, text: `${begin}${blank()}${inside('[', records(), ']')}${blank()}` };
  const names = Object.keys(form.lists).filter((name) => name === form.required || random() < 0.6);
  const members = names.map((name) => member(spelt(name), random() < 0.05 ? 'null' : inside('[', records(), ']')));
  if (random() < 0.3) members.push(member('"others"', value(2)));
  members.sort(() => random() - 0.5);
  return { form, text: `${begin}${blank()}${inside('{', members, '}')}${blank()}` };
}
