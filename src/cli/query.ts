import { DuckDBInstance } from '@duckdb/node-api';
import { formatTable } from './format-table.js';

/** What a query finds in a DuckDB file, as a table for the terminal. */
export async function queryDatabase(file: string, query: string): Promise<string> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(query);
    const rows = reader.getRowsJson().map((row) => row.map(shown));
    return formatTable(reader.columnNames(), rows);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
