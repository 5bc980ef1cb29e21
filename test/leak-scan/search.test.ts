import { describe, expect, test } from 'vitest';
import { Search } from '../../src/leak-scan/search.js';

const value = 'Zoë "Ace" <Müller> 🚀';
const json = JSON.stringify(value);
const base64 = (before: string): string => Buffer.from(`${before}${value} and more`).toString('base64');

describe('the search for canaries', () => {
  test.each([
    ['as it is', value],
    ['in capitals', value.toUpperCase()],
    ['in JSON', `{"name":${json}}`],
    ['in JSON within JSON', JSON.stringify(`{"name":${json}}`)],
    ['in JSON of ASCII alone', '{"name":"Zo\\u00eb \\"Ace\\" <M\\u00fcller> \\ud83d\\ude80"}'],
    ['in an address', `https://example.com/?name=${encodeURIComponent(value)}`],
    ['in JSON of ASCII alone, in JSON', JSON.stringify('"Zo\\u00eb \\"Ace\\" <M\\u00fcller> \\ud83d\\ude80"')],
    ['in JSON with hexadecimal digits in capitals', '"Zo\\u00EB \\"Ace\\" <M\\u00FCller> \\uD83D\\uDE80"'],
    ['in JSON that is safe in a page', '"Zoë \\"Ace\\" \\u003cMüller\\u003e 🚀"'],
    ['in letters of any case', 'zOË "acE" <mÜLLer> 🚀'],
    ['with accents of their own', value.normalize('NFD')],
    ['in JSON of ASCII alone, with accents of their own', '"Zoe\\u0308 \\"Ace\\" <Mu\\u0308ller> \\ud83d\\ude80"'],
    ['in a form', `name=${new URLSearchParams({ name: value }).toString()}`],
    ['in an address, in small letters', encodeURIComponent(value).toLowerCase()],
    ['in a page', '<h1>Zoë &quot;Ace&quot; &lt;Müller> 🚀</h1>'],
    ['in base64', base64('')],
    ['in base64, a byte later', base64('1')],
    ['in base64, two bytes later', base64('12')],
  ])('finds a text %s', (_where, text) => {
    expect(new Search(['somebody else', value]).in(`before ${text} after`)).toEqual([value]);
  });

  test.each(['O&#39;Hara', 'O&#x27;HARA', 'o&apos;hara', 'O%27hara', 'O\\u0027Hara'])(
    'finds the apostrophe of a name in %s',
    (text) => {
      expect(new Search(["O'Hara"]).in(text)).toEqual(["O'Hara"]);
    },
  );

  test('finds a value that was given with accents of their own, in words and in base64', () => {
    const search = new Search([value.normalize('NFD')]);
    for (const text of [value, base64('')]) expect(search.in(text)).toHaveLength(1);
  });

  test('finds nothing where there is a part of it, up to the last byte', () => {
    const text = Buffer.from(`before ${value}`);
    expect(new Search([value]).in(text)).toEqual([value]);
    expect(new Search([value]).in(text.subarray(0, -1))).toEqual([]);
    expect(new Search([value]).in('')).toEqual([]);
  });

  test('finds a text in pieces, however they are cut', async () => {
    const bytes = Buffer.from(`before ${value} after`);
    const cut = async function* (size: number) {
      for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
    };
    const search = new Search(['somebody else', value]);
    for (let size = 1; size <= bytes.length; size += 1)
      expect([size, await search.inPieces(cut(size))]).toEqual([size, { bytes: bytes.length, values: [value] }]);
  });
});
