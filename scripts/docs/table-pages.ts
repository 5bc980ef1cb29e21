import { commentOf } from '../../src/destinations/duckdb/comments.js';
import { landedTables } from '../../src/destinations/duckdb/schema.js';
import { views } from '../../src/destinations/duckdb/views.js';
import { duckdbType } from '../../src/duckdb/types.js';
import { forecastCsvTable, type ColumnModel } from '../../src/model/tables.js';
import { code, markdown } from './tables.js';

/** Tables of docs/tables.md that are made from the code, by the name of their marker. */
export const tablePages: Readonly<Record<string, () => string>> = {
  tables: () => landedTables.map(section).join('\n\n'),
  csv: () => section(forecastCsvTable),
  views: () =>
    markdown(
      ['view', 'what it has'],
      views.map(({ name, description }) => [code(name), description]),
    ),
  'forecast-values': () => columnTable(views.find(({ name }) => name === 'forecast_values')?.columns ?? []),
};

const section = ({ name, description, columns }: (typeof landedTables)[number]): string =>
  `### ${name}\n\n${description}\n\n${columnTable(columns)}`;

const columnTable = (columns: readonly ColumnModel[]): string =>
  markdown(
    ['column', 'type', 'meaning'],
    columns.map((column) => [code(column.name), duckdbType(column.type).toLowerCase(), commentOf(column)]),
  );
