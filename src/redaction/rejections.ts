import { ExportError } from '../model/export-error.js';
import { filledFields } from './columns-sql.js';
import type { DuckDbSession, Parameters } from './duckdb-session.js';
import type { Treatment } from './treatments.js';
import type { SourceColumn } from './source-fields.js';
import type { TablePlan } from './table-plan.js';
import type { Field } from './census.js';

function rejected(table: string, column: string, why: string, count: number, first: number): ExportError {
  const values = count === 1 ? '1 value' : `${count} values`;
  return new ExportError(
    'ValueRejected',
    `${values} of ${table}.${column} ${count === 1 ? 'is' : 'are'} ${why}; the first is in record ${first}.`,
  );
}

/** What the census alone tells: values of a kind that the column can not take. @throws ExportError `ValueRejected` */
export function rejectByKind(plan: TablePlan, treatment: (column: string) => Treatment): void {
  if (plan.parsed === undefined) return;
  for (const source of plan.source.columns) {
    if (treatment(source.column).kind === 'drop') continue;
    for (const field of filledFields(source, plan.census)) checkKinds(plan.model.name, source, field);
  }
}

function checkKinds(table: string, source: SourceColumn, field: Field): void {
  const { column, reading } = source;
  if (field.arrays > 0) throw rejected(table, column, 'a list', field.arrays, field.firstArray);
  if (field.nulCharacters > 0) {
    throw rejected(table, column, 'a text with a NUL character', field.nulCharacters, field.firstNul);
  }
  if (reading === 'code' || reading === 'symbol') {
    if (field.numbers > 0) throw rejected(table, column, 'a number', field.numbers, field.firstNumber);
    if (field.booleans > 0) throw rejected(table, column, 'a boolean', field.booleans, field.firstBoolean);
    const member = field.members?.fields.get(reading);
    if (member !== undefined && member.objects > 0)
      throw rejected(table, column, 'an object', member.objects, member.firstObject);
    if (member !== undefined && member.arrays > 0)
      throw rejected(table, column, 'a list', member.arrays, member.firstArray);
    return;
  }
  if (field.objects > 0 && reading !== 'text-or-object') {
    throw rejected(table, column, 'an object', field.objects, field.firstObject);
  }
}

/** After a statement refused a value: which one. @throws ExportError `ValueRejected`; returns if it finds none */
export async function diagnose(session: DuckDbSession, plan: TablePlan, parameters: Parameters): Promise<void> {
  const fallible = plan.columns.filter((column) => column.rejected !== undefined);
  if (plan.parsed === undefined || fallible.length === 0) return;
  const counts = fallible.map(
    ({ rejected: bad }, at) =>
      `count(*) FILTER (WHERE ${bad as string})::DOUBLE AS c${at}, min(record_number) FILTER (WHERE ${bad as string})::DOUBLE AS n${at}`,
  );
  // Records are numbered as they come, and come as they stand in the file only where order is kept.
  await session.run('keeping order', 'SET preserve_insertion_order = true');
  const row = await session.row(
    `looking for the rejected value of ${plan.model.name}`,
    `SELECT ${counts.join(', ')} FROM (SELECT *, row_number() OVER () AS record_number FROM ${plan.parsed})`,
    parameters,
  );
  for (const [at, { column }] of fallible.entries()) {
    const count = Number(row[`c${at}`] ?? 0);
    if (count > 0) {
      throw rejected(plan.model.name, column, 'not what the column takes exactly', count, Number(row[`n${at}`]));
    }
  }
}
