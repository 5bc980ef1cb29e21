import { quoteIdentifier, quoteLiteral } from '../duckdb/sql.js';
import type { Census } from './census.js';
import { filledFields, fieldReadType } from './columns-sql.js';
import type { CsvRows } from './csv/copy-csv.js';
import { rowsSql } from './csv/rows-sql.js';
import type { RecordsFile } from './pieces.js';
import { sourceMembers, type SourceTable } from './source-fields.js';

/** A longer record is refused. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** DuckDB reads twice as much at once as it takes a record to have, with each thread: a short list is then read by one alone. */
const LEAST_RECORD_BYTES = 1024 * 1024;

/** DuckDB's own measure of a record is not exact. */
const maximumObjectSize = ({ longest }: RecordsFile): number =>
  Math.min(MAX_RECORD_BYTES, Math.max(LEAST_RECORD_BYTES, 2 * longest));
/** Stands in where no field of a record is wanted: records still count. */
const NOTHING = 'clari-temporal nothing';

/** The records of a list in JSON, or the rows of a CSV. */
export type SourceRecords = RecordsFile | CsvRows;

const isCsv = (records: SourceRecords): records is CsvRows => 'columns' in records;

export interface SourceRelation {
  readonly sql: string;
  /** Whether it has a column `extra` with the fields that the model does not know. */
  readonly hasExtra: boolean;
}

/**
 * The records of a list as a relation, with a column for each known field that is wanted and has a value. The list of columns is
 * an allow-list: nothing else of a record gets past it, however its keys are spelt.
 */
export function sourceRelation(
  records: SourceRecords,
  table: SourceTable,
  census: Census,
  wanted: (column: string) => boolean,
  withExtra: boolean,
): SourceRelation {
  const types = new Map<string, string>();
  for (const source of table.columns) {
    if (!wanted(source.column)) continue;
    for (const field of filledFields(source, census)) types.set(field.name, fieldReadType(source, field));
  }
  if (isCsv(records)) {
    const extra = withExtra ? unknownFields(table, census).map(({ name }) => name) : [];
    return { sql: rowsSql(records, [...types.keys()], extra), hasExtra: extra.length > 0 };
  }
  if (types.size === 0) types.set(NOTHING, 'VARCHAR');
  if (withExtra && unknownFields(table, census).length > 0) {
    return { sql: withExtraSql(records, table, census, types), hasExtra: true };
  }
  const columns = [...types].map(([name, type]) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`).join(', ');
  return { sql: readSql(records, columns), hasExtra: false };
}

function readSql(records: RecordsFile, columns: string): string {
  return (
    `(SELECT * FROM read_json(${quoteLiteral(records.path)}, format = 'newline_delimited', compression = 'uncompressed', ` +
    `maximum_object_size = ${maximumObjectSize(records)}, columns = {${columns}}))`
  );
}

/** Slower, since a record is read twice: once for its known fields, once for all others as they stand. */
function withExtraSql(
  records: RecordsFile,
  table: SourceTable,
  census: Census,
  types: ReadonlyMap<string, string>,
): string {
  const structure = JSON.stringify(Object.fromEntries([...types].map(([name, type]) => [name, transformType(type)])));
  const known = new Set(table.columns.flatMap(({ fields }) => fields));
  for (const name of fieldsWithUnknownMembers(census)) known.delete(name);
  const without = JSON.stringify(Object.fromEntries([...known].map((name) => [name, null])));
  return (
    `(SELECT known.*, ${quoteIdentifier('extra')} FROM (SELECT from_json(json, ${quoteLiteral(structure)}) AS known, ` +
    `nullif(CAST(json_merge_patch(json, ${quoteLiteral(without)}) AS VARCHAR), '{}') AS ${quoteIdentifier('extra')} ` +
    `FROM read_ndjson_objects(${quoteLiteral(records.path)}, compression = 'uncompressed', maximum_object_size = ${maximumObjectSize(records)})))`
  );
}

function transformType(type: string): unknown {
  return type.startsWith('STRUCT') ? { code: 'VARCHAR', symbol: 'VARCHAR' } : type;
}

export interface UnknownField {
  /** `member` of an object value: `currency.rate`. */
  readonly name: string;
  readonly records: number;
}

/** What the records of a list have that the model does not know. */
export function unknownFields(table: SourceTable, census: Census): UnknownField[] {
  const known = new Set(table.columns.flatMap(({ fields }) => fields));
  const unknown: UnknownField[] = [...census.fields.values()].filter(
    ({ name, records }) => records > 0 && !known.has(name),
  );
  // Names beyond the census's limit, together; a space makes it a name that is not shown.
  if (census.rest.records > 0) unknown.push({ name: ' ', records: census.rest.records });
  for (const [name, field] of census.fields) {
    const members = sourceMembers[name];
    if (members === undefined || field.members === undefined || !known.has(name)) continue;
    for (const member of field.members.fields.values()) {
      if (!members.includes(member.name)) unknown.push({ name: `${name}.${member.name}`, records: member.records });
    }
  }
  return unknown;
}

function fieldsWithUnknownMembers(census: Census): string[] {
  return Object.entries(sourceMembers)
    .filter(([name, members]) =>
      [...(census.fields.get(name)?.members?.fields.keys() ?? [])].some((m) => !members.includes(m)),
    )
    .map(([name]) => name);
}

/** Fields of records as text, for looking at them apart from any table. */
export function fieldsSql(records: SourceRecords, names: readonly string[]): string {
  if (isCsv(records)) return rowsSql(records, names);
  const columns = names.map((name) => `${quoteLiteral(name)}: 'VARCHAR'`).join(', ');
  return readSql(records, columns);
}
