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
    ['in a page', '<h1>Zoë &quot;Ace&quot; &lt;Müller> 🚀</h1>'],
    ['in base64', base64('')],
    ['in base64, a byte later', base64('1')],
    ['in base64, two bytes later', base64('12')],
  ])('finds a text %s', (_where, text) => {
    expect(new Search(['somebody else', value]).in(`before ${text} after`)).toEqual([value]);
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
