import { ExportError } from '../../model/export-error.js';
import { exportsTable, forecastTables, type TableModel } from '../../model/tables.js';
import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';
import { duckdbType } from '../../duckdb/types.js';
import { commentOf, commentStatement, isOurComment } from './comments.js';
import type { Database } from './database.js';
import { exportId } from './export-id.js';
import { createLoadsTable } from './loads.js';
import { viewNames, viewStatements } from './views.js';

/** The model's tables as they stand in this database: each row carries the id of its export. */
export const landedTables: readonly TableModel[] = [
  ...forecastTables.map((table) => ({ ...table, columns: [exportId, ...table.columns] })),
  exportsTable,
];

/**
 * Makes the tables, columns, comments and views that are missing. Run inside a transaction.
 *
 * @throws ExportError `DestinationIncompatible` when what is there has another shape
 */
export async function ensureSchema(database: Database): Promise<void> {
  await refuseWrongKinds(database);
  await createLoadsTable(database);
  for (const table of landedTables) {
    const present = await presentColumns(database, table.name);
    if (present.size === 0) await createTable(database, table);
    else await reconcileTable(database, table, present);
  }
  for (const statement of viewStatements()) await database.query(statement);
}

async function refuseWrongKinds(database: Database): Promise<void> {
  const kinds = new Map(
    (
      await database.query(
        `SELECT table_name, table_type FROM information_schema.tables
         WHERE table_catalog = current_database() AND table_schema = 'main'`,
      )
    ).map(([name, kind]) => [name, kind] as const),
  );
  const refuse = (name: string, is: string, shouldBe: string): never => {
    throw new ExportError(
      'DestinationIncompatible',
      `${name} in ${database.files.database} is a ${is} and this version makes a ${shouldBe} of that name: rename it, or use another database.`,
    );
  };
  for (const { name } of landedTables) if (kinds.get(name) === 'VIEW') refuse(name, 'view', 'table');
  for (const name of viewNames) if (kinds.get(name) === 'BASE TABLE') refuse(name, 'table', 'view');
}

interface PresentColumn {
  readonly type: string;
  readonly comment: string;
}

async function presentColumns(database: Database, table: string): Promise<ReadonlyMap<string, PresentColumn>> {
  const rows = await database.query(
    `SELECT column_name, data_type, comment FROM duckdb_columns()
     WHERE database_name = current_database() AND schema_name = 'main' AND table_name = $1`,
    [table],
  );
  return new Map(rows.map(([name, type, comment]) => [name ?? '', { type: type ?? '', comment: comment ?? '' }]));
}

async function createTable(database: Database, table: TableModel): Promise<void> {
  for (const statement of tableStatements(table)) await database.query(statement);
}

/** The statements that make a table, with its comments. */
export function tableStatements(table: TableModel): readonly string[] {
  const columns = table.columns.map(
    ({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}${name === exportId.name ? ' NOT NULL' : ''}`,
  );
  return [
    `CREATE TABLE ${quoteIdentifier(table.name)} (${columns.join(', ')})`,
    `COMMENT ON TABLE ${quoteIdentifier(table.name)} IS ${quoteLiteral(table.description)}`,
    ...table.columns.map((column) => commentStatement(table.name, column)),
  ];
}

async function reconcileTable(
  database: Database,
  table: TableModel,
  present: ReadonlyMap<string, PresentColumn>,
): Promise<void> {
  for (const column of table.columns) {
    const { type, comment = '' } = present.get(column.name) ?? {};
    const wanted = duckdbType(column.type);
    if (type === wanted) {
      if (isOurComment(comment) && comment !== commentOf(column))
        await database.query(commentStatement(table.name, column));
      continue;
    }
    const place = `${table.name}.${column.name} in ${database.files.database}`;
    const alter = `ALTER TABLE ${quoteIdentifier(table.name)}`;
    if (type !== undefined) {
      throw new ExportError(
        'DestinationIncompatible',
        `${place} is ${type} and has to be ${wanted}: ${alter} ALTER COLUMN ${quoteIdentifier(column.name)} SET DATA TYPE ${wanted};`,
      );
    }
    if (column.name === exportId.name) {
      throw new ExportError(
        'DestinationIncompatible',
        `${place} is missing, so the table was made by something else: rename it (${alter} RENAME TO …), or use another database.`,
      );
    }
    await database.query(`${alter} ADD COLUMN ${quoteIdentifier(column.name)} ${wanted}`);
    await database.query(commentStatement(table.name, column));
  }
}
