import { ExportError } from '../model/export-error.js';
import { Census, type Field } from './census.js';
import { DroppedFields, shownIn, shownName } from './dropped-fields.js';
import type { SourceList } from './lists.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import { rejectByKind } from './rejections.js';
import { reportUnknown } from './report-dropped.js';
import { csvSource, sourceTables, type SourceTable } from './source-fields.js';
import { unknownFields } from './source-sql.js';
import type { SplitList, SplitSummary } from './split/split-outline.js';
import { planTable, shapeOf, type FileShape, type TablePlan } from './table-plan.js';
import type { Treatment } from './treatments.js';

export type ValueKind = 'text' | 'number' | 'boolean' | 'null' | 'object' | 'list';

export interface Landing {
  readonly table: string;
  readonly column: string;
  readonly treatment: Treatment;
}

/** What would become of one field of a file. */
export interface FieldFate {
  /** The list that it stands in, `rows` of a CSV; `(file)` for a member of the file itself. */
  readonly list: SourceList | '(file)';
  /** `(name not shown)` stands for all whose name could be data. */
  readonly field: string;
  readonly records: number;
  readonly kinds: readonly ValueKind[];
  /** Columns that it fills; none where the policy does not know it. */
  readonly lands: readonly Landing[];
}

export interface FileFate {
  readonly shape: FileShape;
  readonly fields: readonly FieldFate[];
  /** Why the file would not land at all, as far as its fields and the kinds of their values tell. */
  readonly stops: readonly ExportError[];
}

/** What a policy would do to a file, told by its fields alone: no value is looked at. */
export function fileFate(split: SplitSummary, policy: RedactionPolicy): FileFate {
  const shape = shapeOf([{ split }]);
  const fields = sourceTables.flatMap((source) => {
    const census = split.lists.get(source.list)?.census ?? new Census();
    return [...knownFates(source, census, policy, shape), ...unknownFates(source, census, policy)];
  });
  const skipped = [...split.skipped].map(([name, records]): FieldFate => {
    return { list: '(file)', field: shownName(name), records, kinds: [], lands: [] };
  });
  const plans = sourceTables.map((source) => plannedOf(source, split.lists.get(source.list), policy, shape));
  const stops = stopsOf(policy, plans, () => reportUnknown(new DroppedFields(), policy, [{ split }], plans));
  return { shape, fields: merged([...fields, ...skipped]), stops };
}

/** The same of a CSV, told by its header and by which cells are empty. */
export function csvFate(rows: SplitList, policy: RedactionPolicy): FileFate {
  const shape = 'csv';
  const fields = [
    ...knownFates(csvSource, rows.census, policy, shape),
    ...unknownFates(csvSource, rows.census, policy),
  ];
  const plans = [plannedOf(csvSource, rows, policy, shape)];
  const stops = stopsOf(policy, plans, () =>
    reportUnknown(new DroppedFields(shownIn(csvSource.list)), policy, [], plans),
  );
  return { shape, fields: merged(fields), stops };
}

function knownFates(source: SourceTable, census: Census, policy: RedactionPolicy, shape: FileShape): FieldFate[] {
  const names = new Set(source.columns.flatMap(({ fields }) => fields));
  return [...names].flatMap((name) => {
    const field = census.fields.get(name);
    if (!field || field.records === 0) return [];
    const filled = source.columns.filter(({ fields }) => fields.includes(name)).map(({ column }) => column);
    const lands = filled.map((column) => landing(policy, source.table, column));
    if (shape === 'flat') lands.push(...ownerLandings(policy, name));
    return [{ list: source.list, field: name, records: field.records, kinds: kindsOf(field), lands }];
  });
}

const landing = (policy: RedactionPolicy, table: string, column: string): Landing => ({
  ...{ table, column },
  treatment: treatmentOf(policy, table, column),
});

/** The users of a flat file are made from its entries. */
function ownerLandings(policy: RedactionPolicy, field: string): Landing[] {
  if (field === 'ownerName') return [landing(policy, 'forecast_users', 'name')];
  return field === 'ownerEmail' ? [landing(policy, 'forecast_users', 'email')] : [];
}

function unknownFates(source: SourceTable, census: Census, policy: RedactionPolicy): FieldFate[] {
  const lands = policy.unknownFields === 'extra' ? [landing(policy, source.table, 'extra')] : [];
  const shown = shownIn(source.list);
  return unknownFields(source, census)
    .sort((a, b) => b.records - a.records)
    .map(({ name, records }) => {
      const [outer = '', member] = name.split('.');
      const field = census.fields.get(name) ?? census.fields.get(outer)?.members?.fields.get(member ?? '');
      return { list: source.list, field: shown(name), records, kinds: field ? kindsOf(field) : [], lands };
    });
}

function kindsOf(field: Field): ValueKind[] {
  const counts: readonly (readonly [ValueKind, number])[] = [
    ['text', field.strings],
    ['number', field.numbers],
    ['boolean', field.booleans],
    ['object', field.objects],
    ['list', field.arrays],
    ['null', field.nulls],
  ];
  return counts.flatMap(([kind, count]) => (count > 0 ? [kind] : []));
}

/** Names that are not shown become one. */
function merged(fates: readonly FieldFate[]): FieldFate[] {
  const byName = new Map<string, FieldFate>();
  for (const fate of fates) {
    const key = `${fate.list} ${fate.field}`;
    const { records = 0, kinds = [] } = byName.get(key) ?? {};
    byName.set(key, {
      ...fate,
      records: records + fate.records,
      kinds: [...new Set([...kinds, ...fate.kinds])],
    });
  }
  return [...byName.values()];
}

const plannedOf = (
  source: SourceTable,
  list: SplitList | undefined,
  policy: RedactionPolicy,
  shape: FileShape,
): TablePlan => planTable(source, { policy, shape, list, file: { path: '', longest: 0 }, withRowKey: false });

function stopsOf(policy: RedactionPolicy, plans: readonly TablePlan[], unknown: () => void): ExportError[] {
  const checks = [
    unknown,
    ...plans.map((plan) => () => rejectByKind(plan, (column) => treatmentOf(policy, plan.model.name, column))),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof ExportError) return [error];
      throw error;
    }
  });
}
