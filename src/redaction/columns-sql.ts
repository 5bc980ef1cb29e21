import { quoteIdentifier, quoteLiteral } from '../duckdb/sql.js';
import { duckdbType } from '../duckdb/types.js';
import { DECIMAL_SCALE, type ColumnModel } from '../model/tables.js';
import type { Census, Field } from './census.js';
import {
  americanDaySql,
  moneySymbolSql,
  moneyTextSql,
  updatedSql,
  updatedTextSql,
  wholeNumberSql,
} from './csv/value-sql.js';
import { decimalCastSql } from './decimal-cast-sql.js';
import { REJECTION } from './duckdb-session.js';
import type { Reading, SourceColumn } from './source-fields.js';
import { bucketSql, fitsBucketSql, periodSql, treatedTextSql } from './treatment-sql.js';
import type { Treatment } from './treatments.js';

/**
 * The SQL of one column in three steps, each a column of its own subquery so that nothing is computed twice: `raw` (the text
 * in the file), `parsed` (of the column's type, or null if the text is none), `landed` (as the treatment leaves it).
 */
export interface ColumnSql {
  readonly column: string;
  /** Empty for a column that nothing in this file fills. */
  readonly raw?: string;
  readonly parsed?: string;
  readonly landed: string;
  /** Over `raw` and `parsed` columns: whether the value can not be landed. */
  readonly rejected?: string;
}

export const rawName = (column: string): string => quoteIdentifier(`raw ${column}`);
export const parsedName = (column: string): string => quoteIdentifier(`parsed ${column}`);

export const nullOf = (column: ColumnModel): string => `CAST(NULL AS ${duckdbType(column.type)})`;

/** The source's fields that have a value somewhere in this file. */
export function filledFields(source: SourceColumn, census: Census): Field[] {
  return source.fields
    .map((name) => census.fields.get(name))
    .filter((field) => field !== undefined && field.values > 0) as Field[];
}

export function columnSql(model: ColumnModel, source: SourceColumn, treatment: Treatment, census: Census): ColumnSql {
  const filled = filledFields(source, census);
  const first = filled[0];
  if (treatment.kind === 'drop' || first === undefined) return { column: model.name, landed: nullOf(model) };
  const texts = filled.map((field) => fieldTextSql(source, field));
  const raw = firstOf(texts);
  const inRaw = rawName(model.name);
  const parsed = parsedSql(inRaw, source, treatment, filled);
  if (parsed === undefined) {
    return {
      column: model.name,
      raw,
      landed: treatedTextSql(inRaw, treatment),
      ...(texts.length > 1 ? { rejected: clashSql(texts) } : {}),
    };
  }
  const inParsed = parsedName(model.name);
  const bucket = treatment.kind === 'bucket' ? treatment : undefined;
  const read = bucket ? `(${fitsBucketSql(inParsed)}) IS TRUE` : `${inParsed} IS NOT NULL`;
  const unread = `(${inRaw} IS NOT NULL AND NOT (${read}))`;
  const rejected = texts.length > 1 ? `(${unread} OR ${clashSql(texts)})` : unread;
  const landed = bucket ? bucketSql(inParsed, bucket.step) : inParsed;
  return { column: model.name, raw, parsed, landed, ...(perhaps.has(source.reading) ? {} : { rejected }) };
}

/** What a cell may say or not: a column beside has its text. */
const perhaps: ReadonlySet<Reading> = new Set(['money', 'updated']);

const firstOf = (texts: readonly string[]): string =>
  texts.length === 1 ? (texts[0] as string) : `coalesce(${texts.join(', ')})`;

/** What the file says of a column, as text; undefined where it says nothing in any record. */
export function rawTextSql(source: SourceColumn, census: Census): string | undefined {
  const filled = filledFields(source, census);
  return filled.length === 0 ? undefined : firstOf(filled.map((field) => fieldTextSql(source, field)));
}

/** `landed`, or the end of the statement where the value is rejected. */
export function guardedSql({ landed, rejected }: ColumnSql): string {
  return rejected === undefined
    ? landed
    : `CASE WHEN ${rejected} THEN error(${quoteLiteral(REJECTION)}) ELSE ${landed} END`;
}

/** Two fields of a record that mean the same column and say different things. */
function clashSql(texts: readonly string[]): string {
  return `(${texts
    .slice(1)
    .map((text) => `${texts[0] as string} <> ${text}`)
    .join(' OR ')})`;
}

function fieldTextSql(source: SourceColumn, field: Field): string {
  const name = quoteIdentifier(field.name);
  if (source.reading === 'money') return moneyTextSql(name);
  if (source.reading === 'money-symbol') return moneySymbolSql(name);
  if (source.reading === 'updated') return updatedTextSql(name);
  // As 1.79E+12, say; what is no decimal stays, and is rejected.
  if (source.reading === 'epoch-ms' && field.oddNumbers > 0)
    return `coalesce(CAST(${decimalSql(name, [field])} AS VARCHAR), ${name})`;
  if (source.reading !== 'code' && source.reading !== 'symbol') return name;
  if (field.objects === 0) return source.reading === 'code' ? name : 'CAST(NULL AS VARCHAR)';
  if (field.strings === 0) return `${name}.${source.reading}`;
  const plain = source.reading === 'code' ? `${name} ->> '$'` : 'NULL';
  return `CASE json_type(${name}) WHEN 'OBJECT' THEN ${name} ->> ${quoteLiteral(source.reading)} WHEN 'VARCHAR' THEN ${plain} END`;
}

/** Type with which DuckDB reads the field: text, so that no type is guessed and no number rounded. */
export function fieldReadType(source: SourceColumn, field: Field): string {
  if ((source.reading !== 'code' && source.reading !== 'symbol') || field.objects === 0) return 'VARCHAR';
  return field.strings === 0 ? 'STRUCT(code VARCHAR, symbol VARCHAR)' : 'JSON';
}

const EXPONENT = '[eE]([+-]?\\d+)$';
/** Milliseconds since 1970 of the first and last instant that every destination has (years 1 to 9999). */
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

function parsedSql(
  raw: string,
  source: SourceColumn,
  treatment: Treatment,
  fields: readonly Field[],
): string | undefined {
  switch (source.reading) {
    case 'decimal':
      return decimalSql(raw, fields);
    case 'boolean':
      return `CASE ${raw} WHEN 'true' THEN true WHEN 'false' THEN false END`;
    case 'day': {
      const day = `CASE WHEN regexp_full_match(${raw}, '\\d{4}-\\d{2}-\\d{2}') THEN TRY_CAST(${raw} AS DATE) END`;
      return dayOfPeriodSql(day, treatment);
    }
    case 'american-day':
      return dayOfPeriodSql(americanDaySql(raw), treatment);
    case 'week':
      return wholeNumberSql(raw);
    case 'money':
      return decimalCastSql(raw);
    case 'updated':
      return updatedSql(raw);
    case 'epoch-ms': {
      const ms = epochMsSql(raw, fields);
      const instant = `CASE WHEN ${ms} BETWEEN ${FIRST_MS} AND ${LAST_MS} THEN make_timestamp(${ms} * 1000) END`;
      return treatment.kind === 'period' ? periodSql(instant, treatment.period, 'timestamp') : instant;
    }
    case 'text':
    case 'text-or-object':
    case 'code':
    case 'symbol':
    case 'money-symbol':
      return undefined;
  }
}

const dayOfPeriodSql = (day: string, treatment: Treatment): string =>
  treatment.kind === 'period' ? periodSql(day, treatment.period, 'date') : day;

function epochMsSql(raw: string, fields: readonly Field[]): string {
  const careful =
    `CASE WHEN regexp_full_match(${raw}, '-?\\d{1,15}(\\.0+)?') ` +
    `THEN TRY_CAST(split_part(${raw}, '.', 1) AS BIGINT) END`;
  if (!fields.every(isPlainNumber)) return careful;
  // Of a fraction the cast would make a whole number; without one it is exact, and takes a fifth of the pattern's time.
  return `CASE WHEN contains(${raw}, '.') THEN ${careful} ELSE TRY_CAST(${raw} AS BIGINT) END`;
}

/** Whether every value is a JSON number without an exponent; as a string a number may be written in ways that casts take and we do not. */
const isPlainNumber = ({ strings, oddNumbers, booleans }: Field): boolean =>
  strings === 0 && oddNumbers === 0 && booleans === 0;

function decimalSql(raw: string, fields: readonly Field[]): string {
  const cast = decimalCastSql(raw);
  // The splitter has checked every number; unless one is written oddly, or as a string, the cast is exact.
  if (fields.every(isPlainNumber)) return cast;
  const fraction = `length(rtrim(regexp_extract(${raw}, '\\.(\\d+)', 1), '0'))`;
  const exponent = `coalesce(TRY_CAST(regexp_extract(${raw}, ${quoteLiteral(EXPONENT)}, 1) AS INTEGER), 0)`;
  // TRY_CAST alone would round what has too many digits after the point, and take '1_000' and ' 5 '.
  return (
    `CASE WHEN regexp_full_match(${raw}, '-?\\d+(\\.\\d+)?([eE][+-]?\\d{1,4})?') ` +
    `AND ${fraction} - ${exponent} <= ${DECIMAL_SCALE} THEN ${cast} END`
  );
}
