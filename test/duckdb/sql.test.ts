import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { closedOptions } from '../../src/duckdb/options.js';
import { quoteIdentifier, quoteLiteral } from '../../src/duckdb/sql.js';
import { duckdbType } from '../../src/duckdb/types.js';

async function rows(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:', closedOptions({ memoryLimitMb: 128, threads: 1 }));
  try {
    const connection = await instance.connect();
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    instance.closeSync();
  }
}

describe('SQL text', () => {
  it.each(['plain', "O'Hara", '"quoted"', "'; DROP TABLE t; --", 'back\\slash', '日本 \u{1F600}', ''])(
    'carries %j as a literal unchanged',
    async (text) => {
      expect(await rows(`SELECT ${quoteLiteral(text)}`)).toEqual([[text]]);
    },
  );

  it.each(['plain', 'two words', 'a"b', 'select', "x'; --", 'Ünï'])('carries %j as an identifier', async (name) => {
    expect(await rows(`SELECT column_name FROM (DESCRIBE SELECT 1 AS ${quoteIdentifier(name)})`)).toEqual([[name]]);
  });

  it('refuses NUL, which would cut the statement short', () => {
    expect(() => quoteLiteral('a\0b')).toThrow(RangeError);
    expect(() => quoteIdentifier('a\0b')).toThrow(RangeError);
  });

  it('names types as DESCRIBE answers them', async () => {
    const types = (['text', 'int64', 'decimal', 'boolean', 'date', 'timestamp'] as const).map(duckdbType);
    const described = await rows(
      `SELECT column_type FROM (DESCRIBE SELECT ${types.map((type, index) => `NULL::${type} AS c${index}`).join(', ')})`,
    );
    expect(described.flat()).toEqual(types);
  });
});

describe('closed options', () => {
  it('bound memory and threads, spill nothing and load nothing from the network', async () => {
    const settings = await rows(
      `SELECT name, value FROM duckdb_settings() WHERE name IN ('memory_limit', 'threads', 'temp_directory',
       'autoinstall_known_extensions', 'autoload_known_extensions', 'allow_community_extensions',
       'preserve_insertion_order') ORDER BY name`,
    );
    expect(Object.fromEntries(settings)).toEqual({
      allow_community_extensions: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      memory_limit: '122.0 MiB',
      preserve_insertion_order: 'true',
      temp_directory: '',
      threads: '1',
    });
  });
});
