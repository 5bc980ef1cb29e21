import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CommandError } from '../../src/cli/command-error.js';
import { faultOf } from '../../src/cli/fault-of.js';
import { redact } from '../../src/cli/redact.js';
import { createDuckDbDestination } from '../../src/destinations/duckdb/duckdb-destination.js';
import { forecastTables } from '../../src/model/tables.js';
import type { ExpectedFile } from '../../src/testing/fake-clari/index.js';
import { Search } from '../../src/leak-scan/search.js';
import { startChild } from '../support/child.js';
import { writeExport } from './export-files.js';

const tables = forecastTables.map(({ name }) => name);
let folder: string;
let expected: ExpectedFile;
let names: readonly string[];
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'redact-'));
  expected = await writeExport(at('lists.json'), 'five-lists');
  await writeExport(at('lists.json.gz'), 'five-lists', { change: gzipSync });
  await writeExport(at('flat.json'), 'flat');
  await writeFile(at('redaction.key'), 'a key of this test, long enough to be one');
  await run('flat.json', 'flat.duckdb');
  names = [...expected.personalValues()].map(({ value }) => value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const flags = { policy: 'keyed', environment: 'staging', force: false, json: true, quiet: true };
const run = (file: string, out: string, more: object = {}): Promise<string> =>
  redact(
    at(file),
    { ...flags, key: `file:${at('redaction.key')}`, out: at(out), ...more },
    new AbortController().signal,
  );

async function refused(running: Promise<string>): Promise<CommandError> {
  return running.then(
    (said) => Promise.reject(new Error(`It was not refused: ${said}`)),
    (error: unknown) => faultOf(error),
  );
}

/** Rows of a query as JSON text, sorted. */
async function rowsOf(query: string, file = ':memory:'): Promise<string[]> {
  const instance = await DuckDBInstance.create(file, file === ':memory:' ? {} : { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll(query)).getRowsJson();
    return rows.map((row) => JSON.stringify(row)).sort();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The same of a JSON file. Amounts are longer than a double holds. */
async function recordsOf(file: string): Promise<string[]> {
  const exact = (await readFile(file, 'utf8')).replace(/":(-?\d+\.\d+|true|false)(?=[,}])/g, '":"$1"');
  const lines = file.endsWith('.ndjson') ? `[${exact.trim().split('\n').join()}]` : exact;
  return (JSON.parse(lines) as object[]).map((record) => JSON.stringify(Object.values(record))).sort();
}

const inTables = tables.map((name) => `'${name}'`).join();
const SCHEMA = `SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE table_name IN (${inTables}) AND column_name <> 'export_id'
  UNION ALL SELECT table_name, '', '', comment FROM duckdb_tables() WHERE table_name IN (${inTables})`;

describe('clari-temporal redact', () => {
  test('makes a database whose tables are the destination’s, from a zipped file, with nobody in it', async () => {
    const report = JSON.parse(await run('lists.json.gz', 'out.duckdb')) as {
      tables: { table: string; rows: number }[];
    };
    await createDuckDbDestination({ path: at('landed.duckdb') }).check();
    expect(await rowsOf(SCHEMA, at('out.duckdb'))).toEqual(await rowsOf(SCHEMA, at('landed.duckdb')));
    for (const { table, rows } of report.tables)
      expect(await rowsOf(`SELECT count(*)::INT FROM ${table}`, at('out.duckdb'))).toEqual([`[${rows}]`]);
    expect(report.tables.map(({ rows }) => rows)).toEqual([
      ...[expected.counts.entries, expected.counts.users, expected.counts.fields],
      ...[expected.counts.timePeriods, expected.counts.timeFrames],
    ]);
    const all = await Promise.all(tables.map((table) => rowsOf(`FROM ${table}`, at('out.duckdb'))));
    expect(new Search(names).in(all.flat().join('\n'))).toEqual([]);
    expect((await stat(at('out.duckdb'))).mode & 0o777).toBe(0o600);
  });

  test.each(['parquet', 'csv', 'json', 'ndjson'])(
    'makes a file of %s for each table, with the same rows',
    async (format) => {
      await run('flat.json', `flat.${format}`);
      for (const { name, columns } of forecastTables) {
        const texts = columns.map((column) => `CAST("${column.name}" AS VARCHAR)`).join();
        const file = at(`flat.${name}.${format}`);
        const landed = await rowsOf(`SELECT ${texts} FROM ${name}`, at('flat.duckdb'));
        expect(landed.length > 5).toBe(name === 'forecast_entries' || name === 'forecast_users');
        if (format.endsWith('json')) expect(await recordsOf(file)).toEqual(landed);
        else if (format === 'parquet')
          expect(await rowsOf(`SELECT ${texts} FROM read_parquet('${file}')`)).toEqual(landed);
        else expect(await rowsOf(`SELECT ${texts} FROM read_csv('${file}', all_varchar = true)`)).toEqual(landed);
      }
    },
  );

  test('gives no spreadsheet a formula in a CSV, and leaves numbers alone', async () => {
    const labels = ['=1+1', '+SUM(A1)', '-2+3', '@now', '\t=1', '\r=1', '-2,000.50', '+1', 'a=b', "'=1"];
    const fields = labels.map((fieldName, at) => ({ fieldId: `f${at}`, fieldName }));
    await writeFile(at('formulas.json'), JSON.stringify({ entries: [], users: [], fields }));
    await run('formulas.json', 'formulas.csv');
    await run('formulas.json', 'formulas.parquet');
    const name = (file: string): string => `SELECT field_name FROM ${file} ORDER BY field_id`;
    expect(await rowsOf(name(`read_parquet('${at('formulas.forecast_fields.parquet')}')`))).toEqual(
      labels.map((label) => JSON.stringify([label])).sort(),
    );
    expect(await rowsOf(name(`read_csv('${at('formulas.forecast_fields.csv')}', all_varchar = true)`))).toEqual(
      labels.map((label, place) => JSON.stringify([place < 6 ? `'${label}` : label])).sort(),
    );
  });

  test('says what became of the file: rows, dropped fields by name, policy, key', async () => {
    const text = (await readFile(at('flat.json'), 'utf8')).replaceAll('{"', '{"jane@example.com":1,"newField":2,"');
    await writeFile(at('more.json'), text.replace('{"jane@example.com":1,"newField":2,"entries', '{"entries'));
    const said = await run('more.json', 'more.ndjson', { json: false });
    expect(said).toMatch(/ forecast_entries +400 +400 +0 /);
    expect(said).toMatch(/forecast_entries\.newField +400\n/);
    expect(said).toContain('forecast_entries.(name not shown)');
    expect(said).not.toContain('jane');
    expect(said).toMatch(/Policy keyed, version 1, digest [0-9a-f]{16}, environment staging/);
    expect(said).toMatch(/Key default, version 1, check value [0-9a-f]{8}/);
  });

  const refusals: readonly [string, string, string, object, number, RegExp][] = [
    ['another ending', 'lists.json', 'x.xls', {}, 2, /--out: must end in \.parquet, /],
    ['a folder that is not there', 'lists.json', 'none/x.csv', {}, 2, /--out: there is no folder .*none; make it/],
    ['a file that is not there', 'none.json', 'x.csv', {}, 2, /none\.json can not be read \(ENOENT\)/],
    ['a folder', '.', 'x.csv', {}, 2, /is not a file; name the file/],
    [
      'CSV of something else',
      'rows.csv',
      'x.csv',
      {},
      2,
      /rows\.csv looks like CSV and has no column Data Type .*; name/,
    ],
    ['the same with semicolons', 'rows2.csv', 'x.csv', {}, 2, /rows2\.csv looks like CSV and has no column Data Type/],
    ['no policy', 'lists.json', 'x.csv', { policy: 'best' }, 2, /^error: --policy: must be keyed, production/],
    ['no key', 'lists.json', 'x.csv', { key: 'env:NOT_THERE' }, 3, /env:NOT_THERE is not set\. Name .* --key/],
    [
      'a key of random bytes',
      'lists.json',
      'x.csv',
      { key: 'env:TEST_BINARY_KEY' },
      7,
      /^RedactionKeyUnusable: The key env:TEST_BINARY_KEY is not UTF-8 text; .*openssl/,
    ],
    [
      'a key itself',
      'lists.json',
      'x.csv',
      { key: 'correct horse' },
      2,
      /^error: --key: A secret is named by env:NAME .* none of these\.$/m,
    ],
    ['people outside production', 'lists.json', 'x.csv', { policy: 'production' }, 2, /"staging" is not production/],
    ['half a file', 'half.json', 'x.csv', {}, 6, /^FileMalformed: .* list entries, record \d+.* Get the file .* again/],
    ['a damaged zip', 'half.gz', 'x.csv', {}, 6, /^FileMalformed: The zipped file is cut off/],
    ['a leak', 'leak.json', 'x.csv', {}, 7, /^LeakFound: 1 value of forecast_fields\.field_name holds/],
  ];
  test.each(refusals)('refuses %s in a sentence, and leaves nothing', async (_, file, out, more, exitCode, message) => {
    const lists = await readFile(at('lists.json'));
    await writeFile(at('rows.csv'), 'User,Email\nJane,jane@example.com\n');
    await writeFile(at('rows2.csv'), 'User;Email\nJane;jane@example.com\n');
    await writeFile(at('half.json'), lists.subarray(0, lists.length / 2));
    await writeFile(at('half.gz'), gzipSync(lists).subarray(0, 5_000));
    const label = JSON.stringify([...expected.personalValues()][0]?.value);
    await writeFile(at('leak.json'), lists.toString().replace(/"fieldName": ?"[^"]*"/, `"fieldName":${label}`));
    vi.stubEnv('TEST_BINARY_KEY', Buffer.alloc(11, 0xc3).toString());
    const before = await readdir(folder);
    const fault = await refused(run(file, out, more));
    expect(fault.message).toMatch(message);
    expect(fault.message).not.toMatch(/correct horse|jane@| {4}at /i);
    expect(fault.exitCode).toBe(exitCode);
    expect(await readdir(folder)).toEqual(before);
  });

  test('lands people outside production for a reason, which it repeats, and needs no key then', async () => {
    const more = { policy: 'production', allowPersonalBecause: 'the copy for the audit', key: 'env:NOT_THERE' };
    const report = JSON.parse(await run('lists.json', 'people.json', more)) as { key: unknown; remarks: string[] };
    expect(report).toMatchObject({ key: null, remarks: [expect.stringContaining('because: the copy for the audit')] });
    expect(new Search(names).in(await readFile(at('people.forecast_users.json'))).length).toBeGreaterThan(5);
  });

  test('replaces no output unless it is told to, and then all of it', async () => {
    for (const table of tables) await writeFile(at(`old.${table}.csv`), 'old');
    expect((await refused(run('lists.json', 'old.csv'))).message).toMatch(
      /old\.forecast_entries\.csv is there already/,
    );
    expect(await readFile(at('old.forecast_users.csv'), 'utf8')).toBe('old');
    await run('lists.json', 'old.csv', { force: true });
    for (const table of tables) expect(await readFile(at(`old.${table}.csv`), 'utf8')).toContain('_id,');
  });

  test('replaces the file that it redacts not even where it is told to, however that is named', async () => {
    await writeFile(at('own.forecast_users.json'), await readFile(at('lists.json')));
    await link(at('own.forecast_users.json'), at('linked.json'));
    for (const file of ['own.forecast_users.json', 'linked.json']) {
      const { message, exitCode } = await refused(run(file, 'own.json', { force: true }));
      expect([exitCode, message]).toEqual([
        2,
        expect.stringMatching(/own\.forecast_users\.json is the file that is to be/),
      ]);
    }
    expect(await readFile(at('own.forecast_users.json'))).toEqual(await readFile(at('lists.json')));
  });

  test('says of variables what the worker says', async () => {
    vi.stubEnv('CLARI_REDACTION_KEY', 'a key of this test, long enough to be one');
    vi.stubEnv('CLARI_REDACTION_KEY_FILE', at('redaction.key'));
    const both = await refused(run('lists.json', 'x.csv', { key: undefined }));
    expect([both.exitCode, both.message]).toEqual([
      2,
      expect.stringMatching(/^error: CLARI_REDACTION_KEY: is set together with/),
    ]);
    vi.stubEnv('CLARI_REDACTION_KEY', '');
    vi.stubEnv('CLARI_ENVIROMENT', 'production');
    const misspelt = await refused(run('lists.json', 'x.csv'));
    expect([misspelt.exitCode, misspelt.message]).toEqual([
      2,
      expect.stringMatching(/^error: CLARI_ENVIROMENT: .*; CLARI_ENVIRONMENT was probably/),
    ]);
  });

  test('replaces no database that somebody has open', async () => {
    await writeFile(at('open.duckdb.wal'), '');
    expect((await refused(run('lists.json', 'open.duckdb', { force: true }))).message).toMatch(
      /wal says that .* in use/,
    );
  });
});

describe('the process', () => {
  const start = (words: readonly string[]) => startChild('src/cli.ts', ['redact', ...words], { cwd: folder });

  test('says on standard error what it does, in few lines, and on standard output what it did', async () => {
    const { exitCode, stdout, stderr } = await start([
      'lists.json',
      '--policy',
      'keyed',
      '--key',
      'file:redaction.key',
      '--out',
      'export.duckdb',
    ]).ended;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      new RegExp(`^(splitting \\d+ %\n){1,5}${['redacting', 'checking', ...tables, 'writing', ''].join('\n')}$`),
    );
    expect(stdout).toMatch(/ forecast_entries +400 +400 +0 +\S+export\.duckdb\n/);
  });

  test('leaves nothing when it is told to end, and gives raw bytes no name before', async () => {
    const own = await mkdtemp(path.join(folder, 'ended-'));
    await writeExport(path.join(own, 'large.json'), 'five-lists', { entries: 120_000 });
    const key = `file:${at('redaction.key')}`;
    const child = start([path.join(own, 'large.json'), '--key', key, '--out', path.join(own, 'large.csv')]);
    await child.says('splitting');
    const [working = ''] = (await readdir(own)).filter((name) => name.startsWith('.clari'));
    expect((await stat(path.join(own, working))).mode & 0o777).toBe(0o700);
    child.signal('SIGTERM');
    const { exitCode, stdout, stderr } = await child.ended;
    expect([exitCode, stdout]).toEqual([143, '']);
    expect(stderr).toMatch(/\nInterrupted: nothing was written\.\n$/);
    expect(await readdir(own)).toEqual(['large.json']);
  });
});

test('rows stand in the order of the file, also where an export run would make them in none', async () => {
  const people = ['1:A', 'not listed', '2:A'];
  const entries = Array.from({ length: 12_000 }, (_, number) => ({
    timePeriodId: '2027_Q1',
    userId: people[number % people.length],
    fieldId: String(number),
  }));
  const users = [{ userId: '1:A' }, { userId: '2:A' }];
  await writeFile(at('long.json'), JSON.stringify({ entries, users, fields: [], timePeriods: [], timeFrames: [] }));
  await run('long.json', 'long.ndjson');
  const lines = (await readFile(at('long.forecast_entries.ndjson'), 'utf8')).trim().split('\n');
  const landed = lines.map((line) => (JSON.parse(line) as { field_id: string }).field_id);
  expect(landed).toEqual(entries.map(({ fieldId }) => fieldId));
});
