import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Search } from '../../src/leak-scan/search.js';
import { forecastCsvTable } from '../../src/model/tables.js';
import type { ExpectedFile } from '../../src/testing/fake-clari/index.js';
import { writeExport } from './export-files.js';
import { runHere } from './run-here.js';

let folder: string;
let expected: ExpectedFile;
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'redact-csv-'));
  expected = await writeExport(at('rows.csv'), 'csv');
  await writeExport(at('rows.csv.gz'), 'csv', { change: gzipSync });
  await writeFile(at('redaction.key'), 'a key of this test, long enough to be one');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const redact = (file: string, out: string, ...more: string[]) =>
  runHere('redact', at(file), '--key', `file:${at('redaction.key')}`, '--out', at(out), '--quiet', ...more);

async function rowsOf(database: string, query: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(query)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('a forecast’s CSV, zipped too, becomes the one table that is for it, with all values of the file', async () => {
  const reason = ['--policy', 'production', '--environment', 'production'];
  const { exitCode, stdout } = await redact('rows.csv.gz', 'all.duckdb', ...reason, '--json');
  const records = [...expected.records('rows')];
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([
    0,
    { shape: 'csv', droppedFields: [], tables: [{ table: 'forecast_csv_values', read: records.length }] },
  ]);
  const read = await rowsOf(
    at('all.duckdb'),
    `SELECT user_name, email, crm_id, role, coalesce(parent_role, ''), time_frame, field, week::VARCHAR, strftime(start_day, '%m/%d/%Y'),
     strftime(end_day, '%m/%d/%Y'), data_type, coalesce(data_value, '') FROM forecast_csv_values`,
  );
  expect(read).toEqual(records.map((record) => Object.values(record)));
  const [amounts] = await rowsOf(
    at('all.duckdb'),
    `SELECT count(*) FILTER (WHERE data_value LIKE '%$%' AND amount IS NULL)::INT, count(amount) > 100, count(is_updated) > 100,
     count(*) FILTER (WHERE is_updated IS NULL AND data_type = 'Forecast Updated')::INT FROM forecast_csv_values`,
  );
  expect(amounts).toEqual([0, true, true, 0]);
  expect(await rowsOf(at('all.duckdb'), 'SELECT table_name FROM duckdb_tables()')).toEqual([['forecast_csv_values']]);
});

test('nobody is in what the keyed policy leaves of it, and nothing but the output is left', async () => {
  const before = await readdir(folder);
  const { exitCode, stdout } = await redact('rows.csv', 'rows.ndjson', '--policy', 'keyed');
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/\n +forecast_csv_values +(\d+) +\1 +\d+ +\S+ndjson\n/),
  ]);
  const names = [...expected.personalValues()].map(({ value }) => value);
  expect(names.length).toBeGreaterThan(5);
  const said = await readFile(at('rows.forecast_csv_values.ndjson'), 'utf8');
  expect(Object.keys(JSON.parse(said.slice(0, said.indexOf('\n'))) as object)).toEqual(
    forecastCsvTable.columns.map(({ name }) => name),
  );
  expect(new Search(names).in(said)).toEqual([]);
  expect(said).not.toMatch(/\$\d/);
  expect((await readdir(folder)).filter((name) => !before.includes(name))).toEqual(['rows.forecast_csv_values.ndjson']);
});

test.each([
  [
    'semicolons',
    'Field;Data Type;Data Value\nCommit;Forecast Value;$5\n',
    /header has no column Field, Data Type, Data Value, or/,
  ],
  [
    'a row that is cut off',
    'Field,Data Type,Data Value\nCommit,Forecast Value\n',
    /^FileMalformed: Row 1 of .* 2 cells .* again/,
  ],
])('a CSV with %s is refused in a sentence, and nothing is left', async (_, text, message) => {
  await writeFile(at('bad.csv'), text);
  const before = await readdir(folder);
  const { exitCode, stderr } = await redact('bad.csv', 'bad.parquet');
  expect([exitCode, stderr]).toEqual([6, expect.stringMatching(message)]);
  expect(await readdir(folder)).toEqual(before);
});

test('a last line without its end is told of', async () => {
  await writeFile(at('open.csv'), 'Field,Data Type,Data Value\nCommit,Forecast Value,$41');
  const { exitCode, stdout, stderr } = await redact('open.csv', 'open.csv', '--json');
  expect([exitCode, JSON.parse(stdout), stderr]).toMatchObject([
    0,
    { remarks: [expect.stringContaining('no line end')] },
    expect.stringContaining('no line end'),
  ]);
});

test('policy check says what would become of each column, and what would stop the file', async () => {
  await writeFile(at('odd.csv'), 'Field,Data Type,Data Value,Note\nCommit,Forecast Value,$5,Jane\n');
  const { exitCode, stdout } = await runHere('policy', 'check', at('odd.csv'), '--policy', 'keyed');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    / rows\.Data Value +1 +text +forecast_csv_values\.data_value +drop\n +forecast_csv_values\.amount/,
  );
  expect(stdout).toMatch(/ rows\.Note +1 +text +not landed/);
  expect(stdout).not.toContain('Jane');
  await writeFile(at('fail.yaml'), 'name: strict\nversion: 1\nextends: keyed\nonUnknownField: fail');
  const strict = await runHere('policy', 'check', at('odd.csv'), '--policy', `file:${at('fail.yaml')}`);
  expect([strict.exitCode, strict.stdout]).toEqual([
    7,
    expect.stringMatching(/Stops: .*forecast_csv_values\.Note \(1\)/),
  ]);
});
