import { describe, expect, it } from 'vitest';
import type { ExportError } from '../../src/model/export-error.js';
import { activityFile, auditFile, type FileForm } from '../../src/redaction/split/file-form.js';
import { engines, split as splitBy, splitError as splitErrorBy, type SplitText } from './split-text.js';

const parsed = (lines: readonly string[] | undefined): unknown[] =>
  (lines ?? []).map((line) => JSON.parse(line) as unknown);

const faults: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /is empty/],
  ['nothing but blanks', ' \n\t', /is empty/],
  ['a byte order mark alone', '\uFEFF', /is empty/],
  ['a web page', '<!DOCTYPE html><html></html>', /web page/],
  ['a list at the top', '[{"entries":[]}]', /does not begin with an object/],
  ['a text', 'Unauthorized', /does not begin with an object/],
  ['CSV', 'User,Email\nA,B\n', /does not begin with an object/],
  ['none of the lists', '{"message":"no"}', /none of the lists/],
  ['garbage after the end', '{"entries":[]} x', /goes on after its end/],
  ['a second object', '{"entries":[]}{"entries":[]}', /goes on after its end/],
  ['a list twice', '{"entries":[],"users":[],"entries":[]}', /list entries twice/],
  ['a list twice, spelt otherwise', '{"entries":[],"\\u0065ntries":[]}', /list entries twice/],
  ['a list that is an object', '{"entries":{}}', /not a list/],
  ['null for the list that every file has', '{"users":[],"entries":null}', /has null for entries/],
  ['a record that is a list', '{"entries":[{},[]]}', /not an object \(list entries, record 2/],
  ['a record that is null', '{"entries":[null]}', /not an object/],
  ['brackets that do not pair', '{"entries":[{"a":[1}]}]}', /record 1/],
  ['one bracket too many', '{"entries":[{}]]}', /closes what it did not open/],
  ['a comma too many in a list', '{"entries":[{},]}', /record 2/],
  ['a comma too many in a record', '{"entries":[{"a":1,}]}', /something other than a key/],
  ['a missing comma', '{"entries":[{"a":1 "b":2}]}', /value or comma/],
  ['a missing colon', '{"entries":[{"a" 1}]}', /colon/],
  ['a key twice', '{"entries":[{},{"a":1,"\\u0061":2}]}', /key twice in one object \(list entries, record 2/],
  ['a member twice', '{"entries":[{"currency":{"code":"A","code":"B"}}]}', /key twice/],
  ['NaN', '{"entries":[{"a":NaN}]}', /record 1/],
  ['Infinity', '{"entries":[{"a":-Infinity}]}', /number that is none/],
  ['a leading zero', '{"entries":[{"a":01}]}', /number that is none/],
  ['a number without a fraction after its point', '{"entries":[{"a":1.}]}', /number that is none/],
  ['a long number that is none', '{"entries":[{"a":1234567890123456.78.9}]}', /number that is none/],
  ['a word', '{"entries":[{"a":nul1}]}', /word other than/],
  ['a raw line end in a text', '{"entries":[{"a":"x\ny"}]}', /control character/],
  ['a raw line end after a backslash', '{"entries":[{"a":"x\\\ny"}]}', /escape that is none/],
  ['an escape that is none', '{"entries":[{"a":"\\x"}]}', /escape that is none/],
  ['a lone surrogate', '{"entries":[{"a":"\\ud800"}]}', /escape that is none/],
  ['a lone low surrogate', '{"entries":[{"a":"\\udc00"}]}', /escape that is none/],
  ['a lone surrogate in a key', '{"entries":[{"\\ud800":1}]}', /key that is no text/],
  ['nesting without end', `{"entries":[{"a":${'['.repeat(300)}`, /nested deeper/],
  ['a key without end', `{"entries":[{"${'k'.repeat(40_000)}":1}]}`, /more than 16384 bytes/],
  ['a number without end', `{"entries":[{"a":${'1'.repeat(40_000)}}]}`, /more than 16384 bytes/],
];

describe.each(engines)('the splitter (%s)', (engine) => {
  const split = (file: string | Uint8Array, size?: number): SplitText =>
    splitBy(file, { engine, ...(size === undefined ? {} : { size }) });
  const splitError = (file: string | Uint8Array, size?: number): ExportError =>
    splitErrorBy(file, { engine, ...(size === undefined ? {} : { size }) });

  it('finds every truncation', () => {
    const file = '{"entries":[{"a":"x\\u00e9","b":[1,{"c":null}]},{"a":-1.5e3}],"users":[]}';
    for (let length = 0; length < file.length; length++) {
      expect(splitError(file.slice(0, length)).type, `cut at ${length}`).toBe('FileMalformed');
    }
    expect(split(file).summary.lists.get('entries')?.records).toBe(2);
  });

  it.each(faults)('refuses %s', (_, file, reason) => {
    for (const size of [1, 5, 100_000]) {
      const error = splitError(file, size);
      expect(error.type).toBe('FileMalformed');
      expect(error.message).toMatch(reason);
    }
  });

  it.each(faults)('refuses %s the same after records that it knows', (_, file) => {
    const known =
      '{"a":1,"b":"x"},{"a":"x","b":1},{"a":1.5,"currency":{"code":"A"}},{"a":[1],"b":[]},{"a":{"b":1},"b":{}},';
    const text = Buffer.from(file)
      .toString('utf8')
      .replace(/("entries":\[)(?=.)/, `$1${known}${known}`);
    for (const size of [100, 100_000]) {
      expect(splitError(text, size).message).toBe(splitErrorBy(text, { engine: 'plain', size }).message);
    }
  });

  it('names the record of invalid UTF-8', () => {
    const head = Buffer.from('{"entries":[{"a":"é"},{"a":"ok"},{"a":"');
    const file = Buffer.concat([head, Buffer.from([0xc3, 0x28]), Buffer.from('"}]}')]);
    for (const size of [1, 3, 1000]) {
      expect(splitError(file, size).message).toMatch(/not valid UTF-8 \(list entries, record 3, byte \d+\)/);
    }
  });

  it('takes lists in any order, null for an empty one, a byte order mark and escaped names', () => {
    const { lines, summary } = split('\uFEFF {"users":null,"\\u0065ntries" : [ {"a":1} , {} ] , "fields":[ ] }');
    expect(lines['entries']?.map((line) => line.trim())).toEqual(['{"a":1}', '{}']);
    expect([...summary.lists].map(([name, { records }]) => [name, records])).toEqual([
      ['users', 0],
      ['entries', 2],
      ['fields', 0],
    ]);
  });

  it('counts what it skips, cut wherever', () => {
    const file = '{"more":[12345,[1,2],{"a":[3]},null],"version":5,"note":"x","entries":[],"deep":{"a":1,"b":2}}';
    for (let size = 1; size < 40; size++) {
      expect(Object.fromEntries(split(file, size).summary.skipped), `chunks of ${size}`).toEqual({
        more: 4,
        version: 1,
        note: 1,
        deep: 1,
      });
    }
  });

  it('puts long numbers in quotes as they are written and leaves short ones alone', () => {
    const file =
      '{"entries":[{"a":1234567890123456.78,"b":123456789012345,"c":[-1.0000000000000001],"d":"1234567890123456789"}]}';
    for (const size of [1, 4, 1000]) {
      expect(split(file, size).lines['entries']).toEqual([
        '{"a":"1234567890123456.78","b":123456789012345,"c":["-1.0000000000000001"],"d":"1234567890123456789"}',
      ]);
    }
  });

  it.each(['1e5', '-1E+5', '1.5e-400', '1.10', '-5.00', '0.00001', '-0.0000123', '0.0000', '-0', '1.50E2'])(
    'puts %s in quotes, which DuckDB would print otherwise',
    (number) => {
      const { lines } = split(`{"entries":[{"a":1},{"a":${number}},{"a":${number}}]}`);
      expect(lines['entries']).toEqual(['{"a":1}', `{"a":"${number}"}`, `{"a":"${number}"}`]);
    },
  );

  it.each(['0', '-1', '10', '0.0', '-0.0', '412500.0', '412500.25', '0.0001', '-0.00012', '10.00001', '100', '0.5'])(
    'leaves %s alone',
    (number) => {
      const { lines } = split(`{"entries":[{"a":1},{"a":${number}},{"a":${number}}]}`);
      expect(lines['entries']).toEqual(['{"a":1}', `{"a":${number}}`, `{"a":${number}}`]);
    },
  );

  it('takes 15 characters for the longest number that a double surely holds', () => {
    const { lines } = split('{"entries":[{"a":12345678901.234,"b":12345678901.2345,"c":-1234567890.1234}]}');
    expect(lines['entries']).toEqual(['{"a":12345678901.234,"b":"12345678901.2345","c":"-1234567890.1234"}']);
  });

  it('keeps a record on one line however it is indented', () => {
    const records = [{ a: 1, b: { c: [1, 2] }, d: 'x\ny' }, {}];
    const file = JSON.stringify({ entries: records }, null, '\t').replaceAll('\n', '\r\n');
    const { lines } = split(file, 3);
    expect(lines['entries']?.length).toBe(2);
    expect(parsed(lines['entries'])).toEqual(records);
  });

  it('does not change the bytes it is given', () => {
    const file = Buffer.from('{"entries":[\n{"a":\n1},\n{}]}');
    const before = Buffer.from(file);
    split(file, 1000);
    expect(file.equals(before)).toBe(true);
  });

  it('tells kinds of values and NUL characters apart, with the record where each was first', () => {
    const file =
      '{"entries":[{"a":"x"},{"a":1},{"a":1e3},{"a":true},{"a":null},{"a":{}},{"a":[]},{"a":"\\u0000"},{"a":["\\u0000"]}]}';
    for (const size of [1, 1000]) {
      expect(split(file, size).summary.lists.get('entries')?.census.fields.get('a')).toMatchObject({
        records: 9,
        strings: 2,
        numbers: 2,
        oddNumbers: 1,
        booleans: 1,
        nulls: 1,
        objects: 1,
        arrays: 2,
        nulCharacters: 2,
        firstObject: 6,
        firstArray: 7,
        firstNul: 8,
      });
    }
  });

  it('stays bounded when every record has another field', () => {
    const records = Array.from({ length: 10_000 }, (_, at) => `{"field${at}":1,"userId":"u"}`);
    const list = split(`{"entries":[${records.join(',')}]}`, 50_000).summary.lists.get('entries');
    expect(list?.census.fields.size).toBeLessThan(3000);
    expect(list?.census.fields.get('userId')?.records).toBe(10_000);
    const counted = [...(list?.census.fields.values() ?? [])].reduce((sum, field) => sum + field.records, 0);
    expect(counted + (list?.census.rest.records ?? 0)).toBe(20_000);
  });

  it.each<[string, string, FileForm<string>, Record<string, unknown[]>]>([
    ['activities', '{"activities":[{"a":1},{"a":2}]}', activityFile, { activities: [{ a: 1 }, { a: 2 }] }],
    [
      'audit events and who did them',
      '{"nextLink":"x","items":[{"a":{"b":[1]}},{}],"actors":[{"a":1}]}',
      auditFile,
      { items: [{ a: { b: [1] } }, {}], actors: [{ a: 1 }] },
    ],
    ['a bare list', ' [ {"a":1} ,\n {"a":[{}]} ] ', auditFile, { items: [{ a: 1 }, { a: [{}] }] }],
    ['an empty bare list', '[]', activityFile, { activities: [] }],
  ])('splits a file of %s', (_, file, form, records) => {
    for (const size of [1, 5, 1000]) {
      const { lines, summary } = splitBy(file, { engine, form, size });
      expect([...summary.lists].map(([name, list]) => [name, list.records])).toEqual(
        Object.entries(records).map(([name, list]) => [name, list.length]),
      );
      for (const [name, list] of Object.entries(records)) expect(parsed(lines[name])).toEqual(list);
    }
  });

  it('finds what is wrong with a bare list', () => {
    const form = activityFile;
    const message = (file: string): string => splitErrorBy(file, { engine, form }).message;
    expect(message('[{"a":1},')).toMatch(
      /breaks off after 9 bytes, in list activities, record 1, with 1 objects and lists/,
    );
    expect(message('[{"a":1}]]')).toMatch(/goes on after its end/);
    expect(message('[1]')).toMatch(/record that is not an object/);
    expect(message('{"entries":[]}')).toMatch(/none of the lists of an activity export/);
  });
});
