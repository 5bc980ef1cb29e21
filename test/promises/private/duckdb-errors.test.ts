import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExportError } from '../../../src/model/export-error.js';
import type { FailureType } from '../../../src/model/failures.js';
import { DuckDbSession, REJECTION, RejectionSeen } from '../../../src/redaction/duckdb-session.js';
import { checkout } from '../../support/child.js';

/** Looks like the end of a class of DuckDB's, so that whoever takes that from the text takes it along. */
const CANARY = 'Wuqezimo Error: no space left, malformed json';
const C = `'${CANARY}'`;

/** Statements whose failures hold a cell, or a name that could be one; DuckDB's text of each has it. Others than `Unexpected` say so. */
const provoked: readonly (readonly [what: string, sql: string, type?: FailureType])[] = [
  ['an integer that is none', `SELECT CAST(${C} AS INTEGER)`],
  ['a decimal that is none', `SELECT CAST(${C} AS DECIMAL(18, 2))`],
  ['a day that is none', `SELECT CAST(${C} AS DATE)`],
  ['an instant that is none', `SELECT CAST(${C} AS TIMESTAMP)`],
  ['a boolean that is none', `SELECT CAST(${C} AS BOOLEAN)`],
  ['a UUID that is none', `SELECT CAST(${C} AS UUID)`],
  ['an interval that is none', `SELECT CAST(${C} AS INTERVAL)`],
  ['a word that an enumeration has not', `SELECT CAST(${C} AS ENUM('a'))`],
  ['a text for a structure', `SELECT CAST(${C} AS STRUCT(a INTEGER))`],
  ['a list of other things', `SELECT CAST('[${CANARY}]' AS INTEGER[])`],
  ['a blob with a bad escape', `SELECT CAST('\\x${CANARY}' AS BLOB)`],
  ['a time by a format', `SELECT strptime(${C}, '%Y')`],
  ['a JSON text that is none', `SELECT CAST(${C} AS JSON)`, 'FileMalformed'],
  ['a JSON value of another type', `SELECT from_json_strict('{"a":"${CANARY}"}', '{"a":"INTEGER"}')`],
  ['a path into JSON', `SELECT json_extract('{}', '$Wuqezimo[')`],
  ['an error of one’s own', `SELECT error(${C})`],
  ['an error of one’s own that looks like ours', `SELECT error('Wuqezimo ${REJECTION}')`],
  ['a pattern that is none', `SELECT regexp_matches('a', '(Wuqezimo')`],
  ['a column that is not there', `SELECT "${CANARY}"`],
  ['a function that is not there', `SELECT "${CANARY}"(1)`],
  ['a table that is not there', `SELECT * FROM "${CANARY}"`],
  ['a setting that is not there', `SET "${CANARY}" = 1`],
  ['no SQL', `SELECT ${CANARY} FROM FROM`],
  ['a key twice in a table', `INSERT INTO once VALUES (${C}), (${C})`],
  ['a rule of a table', `INSERT INTO ruled VALUES (${C})`],
  ['a file that is not there', `SELECT * FROM read_json('/nowhere/${CANARY}')`, 'StagingUnavailable'],
  ['a file that can not be made', `COPY (SELECT 1) TO '/nowhere/${CANARY}'`, 'StagingUnavailable'],
  [
    'an integer that is none, in a file',
    `SELECT * FROM read_json('{folder}/Wuqezimo.ndjson', columns = {a: 'INTEGER'})`,
    'FileMalformed',
  ],
  [
    'a record that ends too early',
    `SELECT * FROM read_json('{folder}/Wuqezimo-cut.ndjson', format = 'newline_delimited', columns = {a: 'VARCHAR'})`,
    'FileMalformed',
  ],
  [
    'a file of CSV',
    `SELECT * FROM read_csv('{folder}/Wuqezimo.ndjson', header = false, columns = {a: 'INTEGER', b: 'INTEGER'})`,
  ],
  ['a file that is no Parquet', `SELECT * FROM read_parquet('{folder}/Wuqezimo.ndjson')`],
];

describe('DuckDB’s own message, which holds a cell, comes out without it:', () => {
  let session: DuckDbSession;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'errors-'));
    await writeFile(path.join(folder, 'Wuqezimo.ndjson'), `{"a":"${CANARY}"}\n`);
    await writeFile(path.join(folder, 'Wuqezimo-cut.ndjson'), `{"a":"${CANARY}"}\n{"a":"${CANARY}\n`);
    session = await DuckDbSession.open({ memoryLimitMb: 128, threads: 1 }, new AbortController().signal);
    await session.run('preparing', `CREATE TABLE once (a VARCHAR PRIMARY KEY)`);
    await session.run('preparing', `CREATE TABLE ruled (a VARCHAR CHECK (a NOT LIKE 'Wuqezimo%'))`);
  });
  afterAll(async () => {
    session.close();
    await rm(folder, { recursive: true });
  });

  test.each(provoked.map(([what, sql, type = 'Unexpected']) => [what, sql, type] as const))(
    '%s',
    async (_, sql, type) => {
      const statement = sql.replace('{folder}', folder);
      for (const run of [() => session.run('testing', statement), () => session.row('testing', statement)]) {
        const error: unknown = await run().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ExportError);
        expect((error as ExportError).type).toBe(type);
        // Whatever somebody may write of it: message, stack, cause and fields.
        expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/wuqezimo|no space left/i);
      }
    },
  );

  test('our own refusal of a value is told apart', async () => {
    const error: unknown = await session
      .run('testing', `SELECT error('${REJECTION}')`)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RejectionSeen);
  });
});

test('no statement asks DuckDB to go on after an error', async () => {
  const names = await readdir(path.join(checkout, 'src'), { recursive: true });
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.ts')).map((name) => readFile(path.join(checkout, 'src', name), 'utf8')),
  );
  expect(texts.length).toBeGreaterThan(200);
  expect(texts.filter((text) => /ignore_errors|store_rejects|null_padding/i.test(text))).toEqual([]);
});
