/**
 * The ways in which a text may stand in UTF-8: as it is, in JSON, in JSON within JSON, in ASCII's JSON, in a URL, in HTML, in other
 * letters, in base64. Not in UTF-16: nothing here writes that.
 */
export function spellings(value: string): Set<string> {
  const json = inJson(value);
  const ascii = json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const plain = [value, json, inJson(json), ascii, inHtml(value), encodeURIComponent(value), encodeURI(value)];
  return new Set([
    ...plain.flatMap((text) => [text, text.toLowerCase(), text.toUpperCase(), capital(text)]),
    ...[0, 1, 2].flatMap((offset) => inBase64(Buffer.from(value), offset)),
  ]);
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What base64 makes of the value alone, `offset` bytes after a multiple of three. */
function inBase64(value: Buffer, offset: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), value]);
  const from = [0, 2, 3][offset] ?? 0;
  const to = Math.floor((bytes.length * 8) / 6);
  return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)];
}
