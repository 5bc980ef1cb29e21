import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { closedOptions } from '../duckdb/options.js';
import { quoteIdentifier } from '../duckdb/sql.js';
import type { Looked } from './looked.js';
import type { Search } from './search.js';

/**
 * Looks at the tables of a DuckDB database, column by column: at every cell as text, but for numbers without a fraction, dates and
 * booleans. Opens it for reading alone. A place is `schema.table.column`, without the schema where it is `main`.
 * @throws what DuckDB throws, whose messages may hold values
 */
export async function* lookAtDatabase(search: Search, file: string): AsyncGenerator<Looked> {
  const options = closedOptions({ memoryLimitMb: 256, threads: 1 });
  const instance = await DuckDBInstance.create(file, { ...options, access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    try {
      for (const column of await columnsOf(connection)) yield await lookAtColumn(connection, search, column);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

interface Column {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

async function columnsOf(connection: DuckDBConnection): Promise<Column[]> {
  const reader = await connection.runAndReadAll(
    `SELECT schema_name AS "schema", table_name AS "table", column_name AS "column" FROM duckdb_columns() c
     JOIN duckdb_tables() t USING (database_name, schema_name, table_name)
     WHERE c.database_name = current_database() AND NOT c.internal
       AND data_type NOT IN ('BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DATE', 'TIME', 'TIMESTAMP')
     ORDER BY schema_name, table_name, column_index`,
  );
  // Typed as rows of any columns; these are the three of the query, which are never null.
  return reader.getRowObjectsJson() as unknown as Column[];
}

async function lookAtColumn(connection: DuckDBConnection, search: Search, place: Column): Promise<Looked> {
  const { schema, table, column } = place;
  const from = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const result = await connection.stream(`SELECT CAST(${quoteIdentifier(column)} AS VARCHAR) FROM ${from}`);
  const found = new Set<string>();
  let bytes = 0;
  let cells = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const texts = chunk.getColumnValues(0).filter((cell) => typeof cell === 'string');
    const together = Buffer.from(texts.join('\n'));
    bytes += together.length;
    if (search.in(together).length === 0) continue;
    for (const text of texts) {
      const values = search.in(text);
      if (values.length > 0) cells += 1;
      for (const value of values) found.add(value);
    }
  }
  const name = schema === 'main' ? `${table}.${column}` : `${schema}.${table}.${column}`;
  return { place: name, bytes, values: [...found].sort(), cells };
}
