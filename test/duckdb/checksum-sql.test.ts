import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowChecksumSql, tableChecksumSql } from '../../src/duckdb/checksum-sql.js';
import { closedOptions } from '../../src/duckdb/options.js';
import { quoteIdentifier } from '../../src/duckdb/sql.js';
import { duckdbType } from '../../src/duckdb/types.js';
import type { ColumnType } from '../../src/model/tables.js';
import { canonicalCell, referenceChecksum } from './checksum-reference.js';

interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const everyType: readonly Column[] = [
  { name: 'a text', type: 'text' },
  { name: 'whole', type: 'int64' },
  { name: 'money', type: 'decimal' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'moment', type: 'timestamp' },
];

const nastyText = [
  null,
  '',
  '-',
  ':',
  '0:',
  '1:a',
  'plain',
  'Zoë',
  'Zoe\u0308',
  '👩‍👩‍👧',
  '🏳️‍🌈 and more',
  '\u{1F600}',
  'שלום',
  '日本語',
  'it\'s \\n "quoted"',
  'line\nbreak\ttab\r',
  ' ',
  'x'.repeat(5000),
];
const nastyDecimal = [
  null,
  '0',
  '0.000000001',
  '-0.000000001',
  '-0.5',
  '0.5',
  '1.005',
  '-12.34',
  '999999999.999999999',
  '-999999999.999999999',
  '1000000000',
  '-1000000000.000000001',
  '9007199254740993',
  '1234567890123456.78',
  '99999999999999999999999999999.999999999',
  '-99999999999999999999999999999.999999999',
  '10000000000000000000000000000',
];
const nastyMoment = [
  null,
  '1970-01-01T00:00:00Z',
  '1969-12-31T23:59:59.999999Z',
  '1969-12-31T23:59:59Z',
  '1901-02-03T04:05:06.000007Z',
  '2026-03-29T01:30:00.123456Z',
  '9999-12-31T23:59:59.999999Z',
];

describe('content checksum in SQL', () => {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', closedOptions({ memoryLimitMb: 128, threads: 2 }));
    connection = await instance.connect();
  });

  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });

  beforeEach(async () => {
    await connection.run('DROP TABLE IF EXISTS checked');
  });

  async function fill(columns: readonly Column[], rows: readonly (readonly (string | null)[])[]): Promise<void> {
    const definitions = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`);
    await connection.run(`CREATE TABLE checked (${definitions.join(', ')})`);
    const casts = columns.map(({ type }, index) => `CAST($${index + 1}::VARCHAR AS ${duckdbType(type)})`);
    for (const row of rows) {
      const values = row.map((cell, index) =>
        columns[index]?.type === 'timestamp' ? (cell?.replace('Z', '') ?? null) : cell,
      );
      await connection.run(`INSERT INTO checked VALUES (${casts.join(', ')})`, values);
    }
  }

  async function one(sql: string): Promise<unknown> {
    return (await connection.runAndReadAll(sql)).getRowsJson()[0]?.[0];
  }

  async function expectReference(
    columns: readonly Column[],
    rows: readonly (readonly (string | null)[])[],
  ): Promise<void> {
    await fill(columns, rows);
    const canonical = rows.map((row) => row.map((cell, index) => canonicalCell(columns[index]?.type ?? 'text', cell)));
    expect(await one(`SELECT ${tableChecksumSql(columns)} FROM checked`)).toBe(referenceChecksum(canonical));
  }

  it('equals the reference row by row for every nasty value of every type', async () => {
    const values: Record<ColumnType, readonly (string | null)[]> = {
      text: nastyText,
      int64: [null, '0', '-1', '9223372036854775807', '-9223372036854775808'],
      decimal: nastyDecimal,
      boolean: [null, 'true', 'false'],
      date: [null, '1970-01-01', '0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31'],
      timestamp: nastyMoment,
    };
    for (const [type, cells] of Object.entries(values) as [ColumnType, readonly (string | null)[]][]) {
      for (const cell of cells) {
        await connection.run('DROP TABLE IF EXISTS checked');
        await expectReference([{ name: 'value', type }], [[cell]]);
      }
    }
  });

  it('equals the reference for rows of all types together', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => [
      nastyText[index % nastyText.length] ?? null,
      index % 7 === 0 ? null : String(index * 1_000_003 - 17),
      nastyDecimal[index % nastyDecimal.length] ?? null,
      [null, 'true', 'false'][index % 3] ?? null,
      [null, '2025-11-03', '1969-07-20'][index % 3] ?? null,
      nastyMoment[index % nastyMoment.length] ?? null,
    ]);
    await expectReference(everyType, rows);
  });

  it('is 0 for an empty table', async () => {
    await fill(everyType, []);
    expect(await one(`SELECT ${tableChecksumSql(everyType)} FROM checked`)).toBe('0');
  });

  it('does not depend on the order of the rows, and counts a repeated row twice', async () => {
    const columns: readonly Column[] = [{ name: 'value', type: 'text' }];
    await expectReference(columns, [['b'], ['a'], ['a']]);
  });

  it('tells apart values that run together when joined', async () => {
    const columns: readonly Column[] = [
      { name: 'left', type: 'text' },
      { name: 'right', type: 'text' },
    ];
    await fill(columns, [
      ['a', 'bc'],
      ['ab', 'c'],
      ['', 'abc'],
      [null, 'abc'],
      ['abc', null],
      ['-', 'abc'],
      ['1:a', ''],
    ]);
    expect(await one(`SELECT count(DISTINCT ${rowChecksumSql(columns)}) FROM checked`)).toBe('7');
  });

  it('tells an infinite timestamp from none', async () => {
    const columns: readonly Column[] = [{ name: 'value', type: 'timestamp' }];
    await fill(columns, [['infinity'], ['-infinity'], [null]]);
    expect(await one(`SELECT count(DISTINCT ${rowChecksumSql(columns)}) FROM checked`)).toBe('3');
  });
});
