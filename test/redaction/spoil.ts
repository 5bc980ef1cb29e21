const garbage = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '0',
    '-',
    '.',
    'e',
    'E',
    'n',
    't',
    'u',
    ' ',
    'x',
    '\n',
    '\0',
    '\x1f',
    '\x7f',
  ],
  ...['\\u', '\\ud800', '\\udc00', '\\u0000', '":', ',"', '{}', '[]', '""', '1'],
];
const badNumbers = [
  '01',
  '-01',
  '00',
  '1.',
  '-',
  '.5',
  '+1',
  '1e',
  '1e+',
  '1.5.2',
  '1-2',
  '12345678901234567.',
  '1.2e',
  '0x1',
  'NaN',
  '1_0',
];
const badInsides = [
  ...['\\x', '\\u12g4', '\\u00', '\\ud800', '\\udc00', '\\ud800\\u0041', '\\ud800x', '\\ud800\\n', '\\v', '\\'],
  ...['\n', '\r', '\t', '\0', '\x10', '\x1f', '"', '\\\n'],
];
const goodInsides = ['\\"', '\\\\', '\\u0000', '\\ud83d\\ude00', '\\/', '\\u00E9', '{', ']', ',', '\x7f'];
const badWords = ['nul', 'True', 'tru', 'nulll', 'undefined', 'falsee', "''", '', '//'];
const badMarks = ['{', '}', '[', ']', ',', ':', ';', ',,', '', '}}', ']]', ',]', ',}', ': ,'];

const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[a-z]+|[{}[\],:]|\s+/gs;

/** Makes a file that is perhaps no JSON any more: one token is replaced by what may not, or may only just, stand there, or bytes are lost. */
export function spoil(text: string, random: () => number): Buffer {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  if (random() < 0.25) return spoilBytes(Buffer.from(text), random);

  const blanksToo = random() < 0.1;
  const tokens = [...text.matchAll(token)].filter(([found]) => blanksToo || /\S/.test(found));
  // More often towards the end, where the reader has met most of what there is.
  const found = tokens[Math.max(below(tokens.length), below(tokens.length))];
  if (found === undefined) return Buffer.from(text);
  const replace = (by: string): Buffer =>
    Buffer.from(text.slice(0, found.index) + by + text.slice(found.index + found[0].length));
  const was = found[0];
  switch (true) {
    case was.startsWith('"'): {
      if (random() < 0.3) return replace(pick(tokens.map(([other]) => other).filter((other) => other.startsWith('"'))));
      const at = 1 + below(was.length - 1);
      return replace(was.slice(0, at) + pick(random() < 0.8 ? badInsides : goodInsides) + was.slice(at));
    }
    case /^[-\d]/.test(was):
      return replace(pick(badNumbers));
    case /^[a-z]/.test(was):
      return replace(pick(badWords));
    case /^\s/.test(was):
      return replace(was.slice(0, 1) + pick(['\0', '\x0b', '\x1f', '\u00a0', '\f', '/**/', 'x']));
    default:
      return replace(pick(badMarks));
  }
}

/** Cuts the file off, or changes, adds, takes away or repeats some bytes of it. */
function spoilBytes(file: Buffer, random: () => number): Buffer {
  const below = (n: number): number => Math.floor(random() * n);
  const at = below(file.length + 1);
  const kept = file.subarray(0, at);
  const rest = file.subarray(at);
  const dirt = Buffer.from(garbage[below(garbage.length)] ?? '');
  switch (below(6)) {
    case 0:
      return Buffer.from(kept);
    case 1:
      return Buffer.concat([file, dirt]);
    case 2:
      return Buffer.concat([kept, dirt, rest.subarray(below(2))]);
    case 3:
      return Buffer.concat([kept, rest.subarray(1 + below(4))]);
    case 4:
      return Buffer.concat([kept, rest.subarray(0, below(40)), rest]);
    default:
      return Buffer.concat([kept, Buffer.from([0x80 + below(128)]), rest]);
  }
}
