import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forecastTables } from '../../src/model/tables.js';
import { copyRows } from '../../src/redaction/copy-table.js';
import { DuckDbSession } from '../../src/redaction/duckdb-session.js';
import { checkJoined, type Joining } from '../../src/redaction/join-check.js';
import { rowKey } from '../../src/redaction/row-key.js';

const [model] = forecastTables;
let folder = '';
let session: DuckDbSession;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'join-check-'));
  session = await DuckDbSession.open({ memoryLimitMb: 256, threads: 1 }, new AbortController().signal);
});
afterAll(async () => {
  session.close();
  await rm(folder, { recursive: true });
});

/** A file with rows of these keys, `-` for none; those with `!` differ. */
async function fileOf(name: string, rows: string) {
  const path = join(folder, `${name}.parquet`);
  const values = [...rows.matchAll(/([a-z-])(!?)/g)].map(
    ([, key = '', differs]) => `(${key === '-' ? 'NULL' : `md5('${key}')::UUID`}, ${differs === '!'})`,
  );
  const select = `SELECT * FROM (VALUES ${['(NULL::UUID, false)', ...values].join(', ')}) AS t (${rowKey}, differs) OFFSET 1`;
  return { path, rows: await copyRows(session, 'making a file of a test', select, path) };
}

async function checked(joining: Joining, parts: readonly string[], made: string): Promise<number | 'wrong'> {
  const files = [];
  for (const [place, rows] of parts.entries()) files.push(await fileOf(`part-${place}`, rows));
  const { path } = await fileOf('joined', made);
  return checkJoined(session, { model, joining, parts: files, joined: path }).catch((error: unknown) => {
    expect(error).toMatchObject({ type: 'CountsDisagree' });
    return 'wrong';
  });
}

describe('the check of joined parts', () => {
  it.each([
    ['takes a row of each key', 'columns', ['a b', 'b c - -'], 'a b c', 2],
    ['takes all rows of a key that stands apart', 'columns', ['a b b', 'b'], 'a b! b! b!', 0],
    ['takes the rows of the newest part', 'newest', ['a a b', 'b b', 'c -'], 'a a b! b! c', 1],
    ['sees a lost key', 'columns', ['a b', 'b'], 'b', 'wrong'],
    ['sees a lost key', 'newest', ['a b', 'b'], 'b', 'wrong'],
    ['sees two keys in the row of another', 'columns', ['a', 'b'], 'c', 'wrong'],
    ['sees a key of no part', 'newest', ['a', 'b'], 'a b c', 'wrong'],
    ['sees a key twice', 'columns', ['a', 'a'], 'a a', 'wrong'],
    ['sees a lost row of a key that stands apart', 'columns', ['a a', 'a'], 'a! a!', 'wrong'],
    ['sees the rows of an older part', 'newest', ['a a', 'a'], 'a a', 'wrong'],
  ] as const)('%s (%s of %s in %s)', async (_what, joining, parts, made, outcome) => {
    expect(await checked(joining, parts, made)).toBe(outcome);
  });
});
