import { DECIMAL_SCALE } from '../../src/model/tables.js';
import type { Census } from '../../src/redaction/census.js';
import type { FileForm } from '../../src/redaction/split/file-form.js';

/** Counts of a field, or of a member of the objects that are its value. */
interface FieldCounts {
  [count: string]: number | Record<string, FieldCounts>;
}
export type CensusCounts = Record<string, FieldCounts>;

export interface ExpectedSplit {
  readonly lists: Readonly<Record<string, { readonly records: readonly string[]; readonly census: CensusCounts }>>;
  readonly skipped: Readonly<Record<string, number>>;
}

const counted = [
  'records',
  'strings',
  'numbers',
  'oddNumbers',
  'booleans',
  'nulls',
  'objects',
  'arrays',
  'nulCharacters',
] as const;
const placed = ['firstNumber', 'firstBoolean', 'firstObject', 'firstArray', 'firstNul'] as const;

/** What a file must be split into, by JSON.parse; undefined if it must be refused. */
export function expectedSplit(file: Uint8Array, form: FileForm<string>): ExpectedSplit | undefined {
  let root: Node;
  try {
    root = parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
  } catch {
    return undefined;
  }
  let members: readonly Member[] | undefined = root.members;
  if (root.elements !== undefined && form.bare !== undefined) members = [{ name: form.bare, node: root }];
  if (members === undefined) return undefined;
  const lists: Record<string, { records: string[]; census: CensusCounts }> = {};
  const skipped: Record<string, number> = {};
  for (const { name, node } of members) {
    if (!Object.hasOwn(form.lists, name)) {
      skipped[name] = (skipped[name] ?? 0) + (node.elements?.length ?? 1);
      continue;
    }
    const records = node.value === null && name !== form.required ? [] : node.elements;
    if (Object.hasOwn(lists, name) || records === undefined) return undefined;
    const census: CensusCounts = {};
    for (const [at, record] of records.entries()) {
      if (record.members === undefined || !countRecord(record.members, at + 1, census)) return undefined;
    }
    lists[name] = { records: records.map((record) => JSON.stringify(plain(record))), census };
  }
  return Object.hasOwn(lists, form.required) ? { lists, skipped } : undefined;
}

/** The census that the splitter took, as `expectedSplit` has it. */
export function censusCounts(census: Census): CensusCounts {
  const fields = [...census.fields.values()].filter(({ records }) => records > 0);
  return Object.fromEntries(
    fields.map((field) => {
      const counts: FieldCounts = {};
      for (const name of [...counted, ...placed]) if (field[name] !== 0) counts[name] = field[name];
      if (field.objects > 0 && field.members !== undefined) counts['members'] = censusCounts(field.members);
      return [field.name, counts];
    }),
  );
}

/** A value with the members of objects as they stand in the text: in order, and twice if they are there twice. */
interface Node {
  readonly members?: readonly Member[];
  readonly elements?: readonly Node[];
  /** Of a number, its text with a mark before it. */
  readonly value?: string | boolean | null;
}
interface Member {
  readonly name: string;
  readonly node: Node;
}

const NUMBER = '\uE000';
/** Numbers that DuckDB would not give back as they are written. */
const rewritten = [/.{16}/, /e/i, /\.\d+0$/, /^-0$/, /^-?0\.0000\d/];

/** @throws SyntaxError if the text is no JSON, or has half of a surrogate pair */
function parse(text: string): Node {
  JSON.parse(text);
  let count = 0;
  // Every key made unique and every number a string: then JSON.parse keeps them all, and as they are written.
  const kept = text.replace(/"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/gs, (token, colon: string | undefined) => {
    if (!token.startsWith('"')) return JSON.stringify(NUMBER + token);
    const string = colon === undefined ? token : token.slice(0, -colon.length);
    if (/\p{Surrogate}/u.test(JSON.parse(string) as string)) throw new SyntaxError('half of a pair');
    return colon === undefined ? token : `${string.slice(0, -1)}#${count++}"${colon}`;
  });
  return node(JSON.parse(kept));
}

function node(value: unknown): Node {
  if (Array.isArray(value)) return { elements: value.map(node) };
  if (typeof value !== 'object' || value === null) return { value: value as string | boolean | null };
  return {
    members: Object.entries(value).map(([key, of]) => ({ name: key.slice(0, key.lastIndexOf('#')), node: node(of) })),
  };
}

function plain({ members, elements, value }: Node): unknown {
  if (elements !== undefined) return elements.map(plain);
  if (members !== undefined) return Object.fromEntries(members.map((member) => [member.name, plain(member.node)]));
  if (typeof value !== 'string' || !value.startsWith(NUMBER)) return value;
  const text = value.slice(1);
  return rewritten.some((pattern) => pattern.test(text)) ? text : Number(text);
}

/** Counts an object's members; false if it has one twice. */
function countRecord(members: readonly Member[], record: number, census: CensusCounts, inRecord = true): boolean {
  const met = new Set<string>();
  for (const { name, node: of } of members) {
    if (met.has(name) && name !== '') return false;
    met.add(name);
    const counts = (census[name] ??= {});
    const count = (what: string, by = 1): void =>
      void (counts[what] = ((counts[what] as number | undefined) ?? 0) + by);
    const first = (what: string): void => void (counts[what] ??= record);
    count('records');
    if (of.elements !== undefined) {
      count('arrays');
      first('firstArray');
    } else if (of.members !== undefined) {
      count('objects');
      first('firstObject');
      if (inRecord && !countRecord(of.members, record, (counts['members'] ??= {}) as CensusCounts, false)) return false;
    } else if (of.value === null) count('nulls');
    else if (typeof of.value === 'boolean') {
      count('booleans');
      first('firstBoolean');
    } else if (of.value?.startsWith(NUMBER) === true) {
      count('numbers');
      first('firstNumber');
      if (/e/i.test(of.value) || (of.value.split('.')[1]?.length ?? 0) > DECIMAL_SCALE) count('oddNumbers');
    } else count('strings');
    const nuls = inRecord ? nulCharacters(of) : 0;
    if (nuls > 0) {
      count('nulCharacters', nuls);
      first('firstNul');
    }
  }
  return true;
}

function nulCharacters({ members, elements, value }: Node): number {
  const parts = elements ?? members?.map((member) => member.node) ?? [];
  const own = typeof value === 'string' ? value.split('\0').length - 1 : 0;
  return parts.reduce((sum, part) => sum + nulCharacters(part), own);
}
