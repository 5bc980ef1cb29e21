import { redactedTables, type ColumnModel } from '../../src/model/tables.js';
import { builtInPolicies, builtInPolicyNames } from '../../src/redaction/built-in-policies.js';
import { treatmentDocs } from '../../src/redaction/treatment-docs.js';
import { treatmentOf } from '../../src/redaction/policy.js';
import type { TreatmentKind } from '../../src/redaction/treatments.js';
import { fileTreatments, treatmentText, writtenForm } from '../../src/redaction/written-treatments.js';
import { code, markdown } from './tables.js';

/** Tables of docs/policies.md that are made from the code, by the name of their marker. */
export const policyTables: Readonly<Record<string, () => string>> = {
  policies: () =>
    markdown(
      ['policy', 'what it does'],
      Object.values(builtInPolicies).map(({ name, description }) => [code(name), description]),
    ),
  treatments: () =>
    markdown(
      ['treatment', 'for', 'what it leaves'],
      Object.entries(treatmentDocs).map(([kind, leaves]) => [
        code(writtenForm(kind as TreatmentKind)),
        columnsOf(kind as TreatmentKind),
        leaves,
      ]),
    ),
  columns: () =>
    markdown(
      ['column', 'type', 'sensitivity', ...builtInPolicyNames.map(code)],
      allColumns().map(([place, table, column]) => [
        code(place),
        column.type,
        column.sensitivity,
        ...builtInPolicyNames.map((name) =>
          code(treatmentText(treatmentOf(builtInPolicies[name], table, column.name))),
        ),
      ]),
    ),
};

const allColumns = (): readonly (readonly [place: string, table: string, column: ColumnModel])[] =>
  redactedTables.flatMap(({ name: table, columns }) =>
    columns.map((column: ColumnModel) => [`${table}.${column.name}`, table, column] as const),
  );

function columnsOf(kind: TreatmentKind): string {
  const types = new Map<string, boolean>();
  for (const [place, , column] of allColumns()) {
    if (column.name === 'extra') continue;
    const takes = fileTreatments(place, column).kinds.includes(kind);
    types.set(column.type, takes || (types.get(column.type) ?? false));
  }
  const taking = [...types].flatMap(([type, takes]) => (takes ? [type] : []));
  return taking.length === types.size ? 'every type' : taking.join(', ');
}
