import { quoteIdentifier } from '../duckdb/sql.js';
import { ExportError } from '../model/export-error.js';
import { redactedTables, type ColumnModel, type TableModel } from '../model/tables.js';
import { Census } from './census.js';
import { columnSql, guardedSql, nullOf, parsedName, rawName, rawTextSql, type ColumnSql } from './columns-sql.js';
import { flatUsersSql, ownerJoinSql, ownerSql, ownerTextSql, ownerTreatments, ownersColumns } from './flat-owners.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import { knownJoinSql, knownSql, NONE_KNOWN, type KnownPseudonyms } from './known-pseudonyms.js';
import { NO_ROW_KEY, rowKey, rowKeySql, type KeyPart } from './row-key.js';
import type { Treatment } from './treatments.js';
import type { SourceTable } from './source-fields.js';
import { sourceRelation, type SourceRecords } from './source-sql.js';
import type { SplitFile } from './split-file.js';
import type { SplitList } from './split/split-outline.js';

export type Shape = 'five-lists' | 'flat';
export type FileShape = Shape | 'csv';

/** How one table is made: the query, and the parts of it that a diagnosis needs. */
export interface TablePlan {
  readonly model: TableModel;
  readonly source: SourceTable;
  /** Columns of the model in the model's order, and the row's key where it is wanted. */
  readonly select: string;
  readonly columns: readonly ColumnSql[];
  /** Relation with the columns that `rejected` expressions name; undefined where nothing is read. */
  readonly parsed: string | undefined;
  /** Records of the file; for users that are derived from a flat file, undefined. */
  readonly records: number | undefined;
  readonly census: Census;
}

export interface PlanInput {
  readonly policy: RedactionPolicy;
  readonly shape: FileShape;
  readonly list: SplitList | undefined;
  readonly file: SourceRecords;
  /** Whether rows carry their key, by which they are joined with those of other files. */
  readonly withRowKey: boolean;
  /** Of the entries' columns. Default none. */
  readonly known?: KnownPseudonyms;
}

/** Clari's fields that tell flat entries apart, beside their owner; not every file has the last two. */
const flatKey = ['time_period_id', 'time_frame_id', 'field_id'] as const;

export function tableModel(name: string): TableModel {
  const model = redactedTables.find((table) => table.name === name);
  if (model === undefined) throw new RangeError(`No table ${name}.`);
  return model;
}

export function planTable(source: SourceTable, input: PlanInput): TablePlan {
  const model = tableModel(source.table);
  const treatment = (column: string): Treatment => treatmentOf(input.policy, source.table, column);
  const census = input.list?.census ?? new Census();
  const none = { model, source, census, columns: [], parsed: undefined };
  if (source.table === 'forecast_users' && input.shape === 'flat') {
    return { ...none, select: flatUsersSql(model, treatment), records: undefined };
  }
  if (input.list === undefined || input.list.records === 0) {
    return { ...none, select: emptySql(model.columns, input.withRowKey), records: 0 };
  }
  const flatEntries = source.table === 'forecast_entries' && input.shape === 'flat';
  const ofOwner: ReadonlySet<string> = flatEntries ? ownersColumns(ownerTreatments(input.policy)) : new Set();
  const known = source.table === 'forecast_entries' ? (input.known ?? NONE_KNOWN) : NONE_KNOWN;
  const withExtra = input.policy.unknownFields === 'extra';
  const keys: readonly string[] = flatEntries ? flatKey : source.naturalKey;
  const wanted = (column: string): boolean =>
    treatment(column).kind !== 'drop' ||
    (flatEntries && (column === 'owner_name' || column === 'owner_email')) ||
    (input.withRowKey && keys.includes(column));
  const relation = sourceRelation(input.file, source, census, wanted, withExtra);
  const columns = model.columns.map((column): ColumnSql => {
    const from = source.columns.find((candidate) => candidate.column === column.name);
    const byOwner = ofOwner.has(column.name) && treatment(column.name).kind !== 'drop';
    if (flatEntries && column.name === 'user_id') {
      return { column: column.name, landed: byOwner ? ownerSql(column.name) : nullOf(column) };
    }
    if (from !== undefined) {
      const made = columnSql(column, from, treatment(column.name), census);
      if (byOwner && made.raw !== undefined) return { ...made, landed: ownerSql(column.name) };
      return known.columns.has(column.name) ? { ...made, landed: knownSql(column.name, made.landed) } : made;
    }
    const extra = column.name === 'extra' && relation.hasExtra;
    return { column: column.name, landed: extra ? quoteIdentifier('extra') : nullOf(column) };
  });
  const raws = columns
    .filter(({ raw }) => raw !== undefined)
    .map(({ raw, column }) => `, ${raw as string} AS ${rawName(column)}`);
  const parses = columns
    .filter(({ parsed }) => parsed !== undefined)
    .map(({ parsed, column }) => `, ${parsed as string} AS ${parsedName(column)}`);
  const parsed = `(SELECT *${parses.join('')} FROM (SELECT *${raws.join('')} FROM ${relation.sql}))`;
  const join = ofOwner.size > 0 ? ownerJoinSql(census) : knownJoinSql(known);
  const list = columns.map((column) => `${guardedSql(column)} AS ${quoteIdentifier(column.column)}`);
  if (input.withRowKey) {
    const parts = keys.map((key): KeyPart => {
      const from = source.columns.find(({ column }) => column === key);
      return { text: from && rawTextSql(from, census), optional: flatEntries && key !== 'time_period_id' };
    });
    if (flatEntries) parts.push({ text: ownerTextSql(census) });
    list.push(`${rowKeySql(parts)} AS ${rowKey}`);
  }
  return {
    model,
    source,
    census,
    columns,
    parsed,
    records: input.list.records,
    select: `SELECT ${list.join(',\n  ')}\nFROM ${parsed} AS record${join}`,
  };
}

function emptySql(columns: readonly ColumnModel[], withRowKey: boolean): string {
  const list = columns.map((column) => `${nullOf(column)} AS ${quoteIdentifier(column.name)}`);
  if (withRowKey) list.push(`${NO_ROW_KEY} AS ${rowKey}`);
  return `SELECT ${list.join(', ')} WHERE false`;
}

const flatNames = ['ownerName', 'ownerEmail', 'forecastAmount', 'quotaAmount', 'adjustmentAmount', 'timePeriod'];

/**
 * `flat`: one list whose records name their owners themselves.
 * @throws ExportError `FileMalformed` where the files of one export differ in it
 */
export function shapeOf(files: readonly Pick<SplitFile, 'split'>[]): Shape {
  // Of a file without entries nobody can tell.
  const telling = files.filter(({ split }) => files.length === 1 || (split.lists.get('entries')?.records ?? 0) > 0);
  const shapes = new Set(telling.map(({ split }) => shapeOfLists(split.lists)));
  if (shapes.size > 1) throw new ExportError('FileMalformed', 'The files of the parts differ in their shape.');
  return [...shapes][0] ?? 'five-lists';
}

function shapeOfLists(lists: ReadonlyMap<string, SplitList>): Shape {
  const fields = lists.get('entries')?.census.fields;
  if ((lists.get('users')?.records ?? 0) > 0 || fields === undefined) return 'five-lists';
  const has = (name: string): boolean => (fields.get(name)?.records ?? 0) > 0;
  return !has('userId') && flatNames.some(has) ? 'flat' : 'five-lists';
}
