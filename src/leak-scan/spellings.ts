export interface Spellings {
  /** To be looked for whatever the case of letters; of those that differ by more than that. */
  readonly texts: ReadonlySet<string>;
  /** To be looked for as they are. */
  readonly base64: ReadonlySet<string>;
}

/**
 * The ways in which a text may stand in UTF-8: as it is, in JSON, in JSON within JSON, in ASCII's JSON, in a URL or a form, in HTML,
 * in other letters, in base64. Not in UTF-16: nothing here writes that.
 */
export function spellings(value: string): Spellings {
  const forms = [...new Set([value.normalize('NFC'), value.normalize('NFD'), value])];
  // Beyond ASCII, a capital's escape is not that of its small letter.
  const escapedByCase = /[^\0-\x7f]/.test(value);
  const cases = escapedByCase ? new Set(forms.flatMap(casesOf)) : forms;
  return {
    texts: new Set([...cases].flatMap((text) => [text, ...inJson(text), ...inUrl(text), ...inHtml(text)])),
    base64: new Set(forms.flatMap((form) => [0, 1, 2].flatMap((offset) => inBase64(Buffer.from(form), offset)))),
  };
}

const casesOf = (text: string): string[] => {
  const lower = text.toLowerCase();
  return [text, lower, text.toUpperCase(), text.slice(0, 1).toUpperCase() + lower.slice(1)];
};

function inJson(text: string): string[] {
  const json = quoted(text);
  const safe = json.replace(/[<>&'+]/g, escaped);
  return [json, ascii(json), safe, ascii(safe)].flatMap((written) => [written, quoted(written)]);
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
const ascii = (json: string): string => json.replace(/[\u0080-\uffff]/g, escaped);
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

function inUrl(text: string): string[] {
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const parts = [encodeURIComponent(text), encodeURI(text), form.replaceAll('+', '%20'), form];
  return parts.flatMap((part) => [part, part.replaceAll('%20', '+')]);
}

/** How libraries write what HTML and XML let them write in several ways. */
const quotes: readonly (readonly [double: string, single: string])[] = [
  ['&quot;', "'"],
  ['&quot;', '&#39;'],
  ['&quot;', '&#x27;'],
  ['&quot;', '&#039;'],
  ['&quot;', '&apos;'],
  ['&#34;', '&#39;'],
  ['"', "'"],
];

function inHtml(text: string): string[] {
  const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return [plain, plain.replaceAll('>', '&gt;')].flatMap((html) =>
    quotes.map(([double, single]) => html.replaceAll('"', double).replaceAll("'", single)),
  );
}

/** What base64 makes of the value alone, `offset` bytes after a multiple of three. */
function inBase64(value: Buffer, offset: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), value]);
  const from = [0, 2, 3][offset] ?? 0;
  const to = Math.floor((bytes.length * 8) / 6);
  return [bytes.toString('base64').slice(from, to), bytes.toString('base64url').slice(from, to)];
}
