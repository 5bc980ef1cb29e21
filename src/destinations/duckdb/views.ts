import { exportsTable, forecastTables, type ColumnModel } from '../../model/tables.js';
import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';
import { commentStatement } from './comments.js';
import { exportId } from './export-id.js';
import { valueColumns, valuesQuery } from './forecast-values.js';

export interface View {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ColumnModel[];
  readonly query: string;
}

const names = (columns: readonly ColumnModel[]): string => columns.map(({ name }) => quoteIdentifier(name)).join(', ');

const latestExports: View = {
  name: 'latest_exports',
  description: 'The newest complete snapshot of each thing that is asked for, by the start of Clari’s job.',
  columns: exportsTable.columns,
  // Partitions treat nulls as equal, which is meant: null asks for Clari's own choice.
  query: `SELECT ${names(exportsTable.columns)} FROM exports WHERE complete
    QUALIFY row_number() OVER (
      PARTITION BY connection, forecast_id, time_period, scope_id, types_to_export, currency, include_historical
      ORDER BY captured_at DESC NULLS LAST, landed_at DESC NULLS LAST, export_id DESC
    ) = 1`,
};

const latestTables = forecastTables.map((table): View => {
  const columns = [exportId, ...table.columns];
  return {
    name: `${table.name}_latest`,
    description: `${table.name} of the newest complete snapshots (latest_exports).`,
    columns,
    query: `SELECT ${names(columns)} FROM ${table.name} WHERE export_id IN (SELECT export_id FROM latest_exports)`,
  };
});

const latestValues: View = {
  name: 'forecast_values_latest',
  description:
    'forecast_entries of the newest complete snapshots with names and dates beside the ids; as many rows as entries.',
  columns: valueColumns,
  query: valuesQuery('latest_exports', '_latest'),
};

/** Like the tables, it has all snapshots: a reader who wants to know what is the case takes the one above. */
const allValues: View = {
  name: 'forecast_values',
  description:
    'forecast_entries of all snapshots, complete or not, with names and dates beside the ids: captured_at tells them apart.',
  columns: valueColumns,
  query: valuesQuery('exports', ''),
};

export const views: readonly View[] = [latestExports, ...latestTables, latestValues, allValues];

export const viewNames: readonly string[] = views.map(({ name }) => name);

/** The statements that make all views with their comments, in the order in which they depend on each other. */
export function viewStatements(): readonly string[] {
  return views.flatMap(({ name, description, columns, query }) => [
    `CREATE OR REPLACE VIEW ${quoteIdentifier(name)} AS ${query}`,
    `COMMENT ON VIEW ${quoteIdentifier(name)} IS ${quoteLiteral(description)}`,
    ...columns.map((column) => commentStatement(name, column)),
  ]);
}
