import { DECIMAL_SCALE, type ColumnType } from '../model/tables.js';

const types: Record<ColumnType, string> = {
  text: 'VARCHAR',
  int64: 'BIGINT',
  decimal: `DECIMAL(38,${DECIMAL_SCALE})`,
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

/** DuckDB's type for a column of the model, spelt as `DESCRIBE` answers it. */
export function duckdbType(type: ColumnType): string {
  return types[type];
}
