import { formatTable } from '../format-table.js';
import type { RedactedFile } from './redact-file.js';
import type { Targets } from './targets.js';

/** What became of a file. */
export type RedactionReport = ReturnType<typeof reportOf>;

export function reportOf(
  { policy, key, shape, tables, droppedFields }: RedactedFile,
  { files }: Targets,
  { environment, remarks }: { readonly environment: string; readonly remarks: readonly string[] },
) {
  return {
    environment,
    policy,
    key,
    remarks,
    shape,
    tables: tables.map(({ table, read, rows, duplicates }) => ({
      ...{ table, read, rows, duplicates },
      file: files.find((target) => target.tables.includes(table))?.path ?? '',
    })),
    droppedFields,
  };
}

export function shownReport({ policy, key, environment, tables, droppedFields }: RedactionReport): string {
  const dropped = droppedFields.map(({ table, field, records }) => [`${table}.${field}`, String(records)]);
  return [
    formatTable(
      ['table', 'read', 'rows', 'duplicates', 'file'],
      tables.map(({ table, read, rows, duplicates, file }) => [
        ...[table, String(read), String(rows), String(duplicates)],
        file,
      ]),
    ),
    '',
    dropped.length === 0
      ? 'Every field of the file has its column.'
      : `Fields that did not land:\n${formatTable(['field', 'records'], dropped)}`,
    '',
    `Policy ${policy.name}, version ${policy.version}, digest ${policy.digest}, environment ${environment}`,
    key === null
      ? 'No key was needed.'
      : `Key ${key.name}, version ${key.version}, check value ${key.check}: pseudonyms compare where it is the same`,
  ].join('\n');
}
