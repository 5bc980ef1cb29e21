import { ExportError } from '../model/export-error.js';
import { filledFields } from './columns-sql.js';
import type { DroppedFields } from './dropped-fields.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import type { ReadBack } from './read-back.js';
import { unknownFields } from './source-sql.js';
import type { SplitFile } from './split-file.js';
import type { TablePlan } from './table-plan.js';

/**
 * Fields that the policy does not know, by the census alone.
 * @throws ExportError `PolicyRefused`, naming them, where there are some and the policy says `fail`
 */
export function reportUnknown(
  dropped: DroppedFields,
  { name, unknownFields: what }: RedactionPolicy,
  files: readonly Pick<SplitFile, 'split'>[],
  plans: readonly TablePlan[],
): void {
  for (const { split } of files) for (const [list, elements] of split.skipped) dropped.add('(file)', list, elements);
  if (what !== 'extra') {
    for (const { model, source, census } of plans)
      for (const field of unknownFields(source, census)) dropped.add(model.name, field.name, field.records);
  }
  if (what !== 'fail' || dropped.size === 0) return;
  const shown = dropped.list().map(({ table, field, records }) => `${table}.${field} (${records})`);
  throw new ExportError(
    'PolicyRefused',
    `The file has fields that the policy ${name} does not know, and it lands no such file: ${shown.join(', ')}.`,
  );
}

/** Values that a treatment leaves out one by one. */
export function reportNotTaken(dropped: DroppedFields, policy: RedactionPolicy, plan: TablePlan, back: ReadBack): void {
  const table = plan.model.name;
  for (const source of plan.source.columns) {
    const { kind } = treatmentOf(policy, table, source.column);
    if (kind !== 'known-user-id' && kind !== 'truncate') continue;
    const fields = filledFields(source, plan.census);
    const values = fields.reduce((sum, field) => sum + field.values, 0) - (back.filled.get(source.column) ?? 0);
    if (values > 0 && fields[0] !== undefined) dropped.add(table, fields[0].name, values);
  }
}
