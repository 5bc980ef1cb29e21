import { quoteIdentifier, quoteLiteral } from '../duckdb/sql.js';
import type { Sensitivity } from '../model/tables.js';
import { Census } from './census.js';
import { filledFields } from './columns-sql.js';
import { shownIn } from './dropped-fields.js';
import { OWNERS } from './flat-owners.js';
import { treatmentOf, type RedactionPolicy } from './policy.js';
import type { SourceList } from './lists.js';
import { everySource, sourceFieldsOf, type SourceColumn, type SourceTable } from './source-fields.js';
import { fieldsSql, type SourceRecords } from './source-sql.js';
import type { SplitList } from './split/split-outline.js';
import { tableModel, type FileShape } from './table-plan.js';
import { KNOWN_USER_IDS } from './treatment-sql.js';
import type { TreatmentKind } from './treatments.js';

/** A field whose raw values may stand nowhere as they are. */
export interface TreatedField {
  /** For messages: `users.email`. */
  readonly name: string;
  /** SQL over the relation's columns; null for a value that its treatment leaves as it is. */
  readonly text: string;
  /** As the model has the column; `none` of a field that it does not know. */
  readonly sensitivity: Sensitivity;
}

/** A relation with raw values, and its fields. */
export interface TreatedSource {
  readonly relation: string;
  readonly fields: readonly TreatedField[];
  /** At most so many rows. */
  readonly records: number;
}

/** A file whose records are on disk, in the lists that it has. */
export interface SourceFile {
  readonly split: { readonly lists: { get(list: SourceList): SplitList | undefined } };
  readonly pieces: { records(list: SourceList): SourceRecords };
}

export interface ExportFiles {
  readonly shape: FileShape;
  readonly files: readonly SourceFile[];
}

/** Unknown fields of a list that are looked at; those that most records have. */
const MOST_UNKNOWN = 32;

/**
 * The fields of the export that the policy treats, those that it does not know, and all that hold names or e-mails, whatever the
 * policy does with them. Of texts alone: what an amount, a day or a boolean says stands elsewhere too.
 */
export function treatedSources(policy: RedactionPolicy, { shape, files }: ExportFiles): readonly TreatedSource[] {
  const owners: readonly TreatedField[] = [
    { name: 'entries.ownerEmail', text: 'email', sensitivity: 'person' },
    { name: 'entries.ownerName', text: 'name', sensitivity: 'person' },
  ];
  return [
    // Each owner stands there once.
    ...(shape === 'flat' ? [{ relation: OWNERS, fields: owners, records: entriesOf(files) }] : []),
    ...files.flatMap(({ split, pieces }) =>
      everySource.flatMap((table): TreatedSource[] => {
        const { census, records } = split.lists.get(table.list) ?? {};
        if (census === undefined || records === undefined) return [];
        const fields = [...knownFields(policy, shape, table, census), ...unknownTexts(policy, table, census)];
        if (fields.length === 0) return [];
        const relation = fieldsSql(
          pieces.records(table.list),
          fields.map(({ field }) => field),
        );
        return [{ relation, fields: fields.map(({ treated }) => treated), records }];
      }),
    ),
  ];
}

const entriesOf = (files: readonly SourceFile[]): number =>
  files.reduce((sum, { split }) => sum + (split.lists.get('entries')?.records ?? 0), 0);

/** The raw texts that a column is filled from. */
export function ownSources(
  table: string,
  column: string,
  { files }: ExportFiles,
): readonly { readonly relation: string; readonly text: string }[] {
  const source = everySource.find((candidate) => candidate.table === table);
  const fields = source?.columns.find((candidate) => candidate.column === column);
  if (source === undefined || fields === undefined) return [];
  return files.flatMap(({ split, pieces }) =>
    filledFields(fields, split.lists.get(source.list)?.census ?? new Census()).map(({ name }) => ({
      relation: fieldsSql(pieces.records(source.list), [name]),
      text: fieldTextSql(fields, name),
    })),
  );
}

interface FieldOf {
  /** Clari's name. */
  readonly field: string;
  readonly treated: TreatedField;
}

function knownFields(policy: RedactionPolicy, shape: FileShape, table: SourceTable, census: Census): FieldOf[] {
  const { columns } = tableModel(table.table);
  return table.columns.flatMap((source): FieldOf[] => {
    const { type, sensitivity } = columns.find(({ name }) => name === source.column) ?? {};
    // A commercial text is an amount as the file writes it.
    if (type !== 'text' || sensitivity === undefined || sensitivity === 'commercial') return [];
    const ofOwner = source.column === 'owner_name' || source.column === 'owner_email';
    if (shape === 'flat' && ofOwner) return [];
    const { kind } = treatmentOf(policy, table.table, source.column);
    if ((kind === 'keep' || kind === 'tag') && sensitivity !== 'person') return [];
    return filledFields(source, census).map(({ name }) => ({
      field: name,
      treated: { name: `${table.list}.${name}`, text: unchangedLeftOut(fieldTextSql(source, name), kind), sensitivity },
    }));
  });
}

/** A field's text, where all fields of a record are read as text: of an object, its JSON. */
function fieldTextSql({ reading }: SourceColumn, field: string): string {
  const text = quoteIdentifier(field);
  if (reading !== 'code' && reading !== 'symbol') return text;
  const plain = reading === 'code' ? text : 'NULL';
  return `CASE WHEN json_valid(${text}) THEN json_extract_string(${text}, ${quoteLiteral(`$.${reading}`)}) ELSE ${plain} END`;
}

function unchangedLeftOut(text: string, kind: TreatmentKind): string {
  switch (kind) {
    case 'known-user-id':
      return `CASE WHEN ${text} IN (SELECT id FROM ${KNOWN_USER_IDS}) THEN NULL ELSE ${text} END`;
    case 'mask':
      return `CASE WHEN regexp_full_match(${text}, '.?\\*{3}') THEN NULL ELSE ${text} END`;
    default:
      return text;
  }
}

/** Whether DuckDB takes it for the name of a column. */
const isColumnName = (name: string): boolean => name !== '' && !name.includes('\0');

function unknownTexts(policy: RedactionPolicy, { list }: SourceTable, census: Census): FieldOf[] {
  if (policy.unknownFields === 'extra') return [];
  const known = sourceFieldsOf(list);
  // To DuckDB, columns that differ in their case alone are one.
  const taken = new Set([...known].map((name) => name.toLowerCase()));
  return [...census.fields.values()]
    .filter(({ name, strings }) => strings > 0 && !known.has(name) && isColumnName(name))
    .sort((a, b) => b.records - a.records)
    .filter(({ name }) => {
      const folded = name.toLowerCase();
      return taken.size < taken.add(folded).size;
    })
    .slice(0, MOST_UNKNOWN)
    .map(({ name }) => ({
      field: name,
      treated: { name: `${list}.${shownIn(list)(name)}`, text: quoteIdentifier(name), sensitivity: 'none' },
    }));
}
