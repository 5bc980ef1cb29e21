import type { FakeClari } from '../../src/testing/fake-clari/index.js';
import type { World } from './open-world.js';

/** Shorter texts could be found anywhere by chance. */
const LEAST_BYTES = 6;

/**
 * What must be found in no history, log or database: the people of all files (surnames alone too), every token, and of every link
 * the whole and the parts that open it.
 */
export function canariesOf({ clari }: World, secrets: readonly string[] = []): readonly string[] {
  const links = clari.mintedLinks().flatMap(({ url }) => {
    const { pathname, searchParams } = new URL(url);
    return [url, pathname.split('/').at(-1) ?? url, searchParams.get('signature') ?? url];
  });
  return [...new Set([...peopleIn(clari), ...clari.tokens.everKnown(), ...secrets, ...links])];
}

function peopleIn(clari: FakeClari): Set<string> {
  const people = new Set<string>();
  for (const { jobId } of clari.jobs.all()) {
    for (const { kind, value } of clari.expected(jobId).personalValues()) {
      people.add(value);
      // Only the e-mail says which part of a name nobody else has.
      if (kind === 'email') people.add((value.split('.')[0] ?? value).toLowerCase());
    }
  }
  return people;
}

/** Amounts of money in the files of all jobs, or of these, that are too long to stand somewhere by chance, as the files have them. */
export function amountsIn(
  { clari }: World,
  jobIds: readonly string[] = clari.jobs.all().map(({ jobId }) => jobId),
): readonly string[] {
  const amounts = new Set<string>();
  for (const jobId of jobIds) {
    for (const entry of clari.expected(jobId).records('entries', { exact: true })) {
      for (const [field, value] of Object.entries(entry)) {
        if (/value|amount|total|closed/i.test(field) && /^-?(\d{6,}\.\d{2}|\d{12,})$/.test(String(value)))
          amounts.add(String(value));
      }
    }
  }
  return [...amounts];
}

/** Finds any of many texts in any amount of bytes, in one pass, however they are spelt (`spellings`). */
export class Search {
  /** Which of 2^24 beginnings of three bytes may lead on. */
  readonly #likely = new Uint8Array(1 << 24);
  /** By their first bytes, as a number. */
  readonly #spelt = new Map<number, { readonly bytes: Buffer; readonly value: string }[]>();

  constructor(values: readonly string[]) {
    for (const value of values) for (const spelling of spellings(value)) this.#add(Buffer.from(spelling), value);
  }

  #add(bytes: Buffer, value: string): void {
    if (bytes.length < LEAST_BYTES) return;
    this.#likely[bytes.readUIntBE(0, 3)] = 1;
    const beginning = bytes.readUIntBE(0, LEAST_BYTES);
    const others = this.#spelt.get(beginning);
    if (others) others.push({ bytes, value });
    else this.#spelt.set(beginning, [{ bytes, value }]);
  }

  /** The values that are there, each once, sorted. */
  in(where: string | Buffer): string[] {
    const bytes = typeof where === 'string' ? Buffer.from(where) : where;
    const found = new Set<string>();
    let three = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      three = ((three << 8) | (bytes[end] as number)) & 0xffffff;
      const at = end - 2;
      if (this.#likely[three] === 0 || at < 0 || at + LEAST_BYTES > bytes.length) continue;
      for (const { bytes: sought, value } of this.#spelt.get(bytes.readUIntBE(at, LEAST_BYTES)) ?? []) {
        if (bytes.subarray(at, at + sought.length).equals(sought)) found.add(value);
      }
    }
    return [...found].sort();
  }
}

/**
 * The ways in which a text may stand in UTF-8: as it is, in JSON, in JSON within JSON, in ASCII's JSON, in a URL, in HTML, in other
 * letters, in base64. Not in UTF-16: nothing here writes that.
 */
function spellings(value: string): Set<string> {
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
