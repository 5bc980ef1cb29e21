import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';
import { Census } from '../census.js';
import type { DuckDbSession } from '../duckdb-session.js';
import { ExportError } from '../../model/export-error.js';
import { DATA_TYPE } from '../source-fields.js';
import type { SplitList } from '../split/split-outline.js';
import type { CsvFile, CsvRows } from './copy-csv.js';

const place = (at: number): string => quoteIdentifier(`column ${at}`);

/** All of the rows, with columns by their places: to DuckDB, names that differ in case alone are one. Nothing is guessed or skipped. */
function readSql({ path, columns, breaksInCells }: CsvRows): string {
  const types = columns.map((_, at) => `${quoteLiteral(`column ${at}`)}: 'VARCHAR'`);
  const options = [
    `columns = {${types.join(', ')}}, auto_detect = false, header = false, skip = 0, nullstr = ''`,
    `delim = ',', quote = '"', escape = '"', comment = '', new_line = '\\n', encoding = 'utf-8', compression = 'none'`,
    'strict_mode = true',
    // Where a thread begins amid the file, it takes a line of a cell for a row.
    `parallel = ${!breaksInCells}`,
  ];
  return `read_csv(${quoteLiteral(path)}, ${options.join(', ')})`;
}

/**
 * Rows as a relation with the columns that are named, and the type of each row's value; an empty cell is null.
 * @param extra columns that stand in `extra` as a JSON object, where they are not empty
 */
export function rowsSql(rows: CsvRows, names: readonly string[], extra: readonly string[] = []): string {
  const cell = (name: string): string => place(rows.columns.indexOf(name));
  const list = [...new Set([DATA_TYPE, ...names])].map((name) => `${cell(name)} AS ${quoteIdentifier(name)}`);
  if (extra.length > 0) {
    const members = extra.map((name) => `${quoteLiteral(name)}, ${cell(name)}`);
    // Merging leaves out what is null.
    const merged = `json_merge_patch('{}', json_object(${members.join(', ')}))`;
    list.push(`nullif(CAST(${merged} AS VARCHAR), '{}') AS ${quoteIdentifier('extra')}`);
  }
  return `(SELECT ${list.join(', ')} FROM ${readSql(rows)})`;
}

/** How many cells of each column are not empty. @throws ExportError `CountsDisagree` where DuckDB reads other rows than were copied */
export async function takeCensus(session: DuckDbSession, { rows, records }: CsvFile): Promise<SplitList> {
  const census = new Census(rows.columns);
  if (records === 0) return { records, census };
  const counts = rows.columns.map((_, at) => `count(${place(at)})::DOUBLE AS n${at}`);
  const row = await session.row(
    'counting the cells',
    `SELECT count(*)::DOUBLE AS rows, ${counts.join(', ')} FROM ${readSql(rows)}`,
  );
  if (Number(row['rows']) !== records)
    throw new ExportError('CountsDisagree', `The file has ${records} rows, and DuckDB reads ${Number(row['rows'])}.`);
  for (const [at, name] of rows.columns.entries()) {
    const field = census.fields.get(name);
    if (!field) continue;
    field.records = records;
    field.strings = Number(row[`n${at}`]);
    field.nulls = records - field.strings;
  }
  return { records, census };
}
