import { createHash } from 'node:crypto';
import { ExportError } from '../model/export-error.js';
import type { PolicyMark } from '../model/receipt.js';
import { forecastTables, type ColumnModel, type ForecastTableName } from '../model/tables.js';
import { sourceTables } from './source-fields.js';

/** What is hashed apart: the same text as an e-mail, a name and an id gives three different pseudonyms. */
export type HashDomain = 'email' | 'name' | 'id';

/**
 * What becomes of a column's values.
 *
 * - `keep`: landed as they are, and nothing personal may be among them: the leak check looks.
 * - `tag`: landed as they are, and may be personal; the leak check does not look.
 * - `hmac`: a keyed pseudonym, 32 hex digits. Missing stays missing; an empty text becomes missing, since it stands for nobody.
 * - `drop`: never landed.
 * - `bucket`: the nearest multiple of `step` (an even whole number of units of currency); halves away from zero.
 * - `known-user-id`: kept only where it is the userId of one of the file's users, or its numeric part; else missing, and counted.
 * - `brief-email`, `brief-name`: short unkeyed hashes; whoever can guess a value can recognise it.
 */
export type Treatment =
  | { readonly kind: 'keep' | 'tag' | 'drop' | 'known-user-id' | 'brief-email' | 'brief-name' }
  | { readonly kind: 'hmac'; readonly domain: HashDomain }
  | { readonly kind: 'bucket'; readonly step: number };

/** A policy is data: a treatment for every column of the model. */
export interface RedactionPolicy {
  readonly name: string;
  readonly version: number;
  /** One sentence for messages and documentation. */
  readonly description: string;
  /** True where a treatment can be reversed by guessing. */
  readonly reversible: boolean;
  /** `drop`: fields that the model does not know are not landed, and reported. `extra`: they land in the column `extra`. */
  readonly unknownFields: 'drop' | 'extra';
  /** By `table.column`. */
  readonly treatments: Readonly<Record<string, Treatment>>;
}

export function treatmentOf(policy: RedactionPolicy, table: string, column: string): Treatment {
  const treatment = Object.hasOwn(policy.treatments, `${table}.${column}`)
    ? policy.treatments[`${table}.${column}`]
    : undefined;
  if (treatment === undefined) {
    throw new ExportError('PolicyRefused', `The policy ${policy.name} has no treatment for ${table}.${column}.`);
  }
  return treatment;
}

/** @throws ExportError `PolicyRefused` when a column lacks a treatment, or has one that its type can not take */
export function checkPolicy(policy: RedactionPolicy): void {
  const known = new Set<string>();
  for (const { name: table, columns } of forecastTables) {
    for (const column of columns) {
      known.add(`${table}.${column.name}`);
      checkTreatment(policy, table, column);
    }
  }
  for (const place of Object.keys(policy.treatments)) {
    if (!known.has(place)) {
      throw new ExportError('PolicyRefused', `The policy ${policy.name} treats ${place}, which no table has.`);
    }
  }
}

function checkTreatment(policy: RedactionPolicy, table: ForecastTableName, column: ColumnModel): void {
  const treatment = treatmentOf(policy, table, column.name);
  const refuse = (why: string): never => {
    throw new ExportError(
      'PolicyRefused',
      `The policy ${policy.name} can not treat ${table}.${column.name} so: ${why}.`,
    );
  };
  switch (treatment.kind) {
    case 'keep':
    case 'tag':
    case 'drop':
      return;
    case 'bucket':
      if (column.type !== 'decimal') refuse('only amounts can be put in buckets');
      // Even, so that half of it is whole and the arithmetic exact.
      if (!Number.isSafeInteger(treatment.step) || treatment.step < 2 || treatment.step % 2 !== 0) {
        refuse('the step of a bucket is an even whole number of at least 2');
      }
      return;
    case 'hmac':
    case 'known-user-id':
    case 'brief-email':
    case 'brief-name':
      if (column.type !== 'text' || column.name === 'extra') refuse('only texts can be hashed or compared');
  }
}

export function needsKey(policy: RedactionPolicy): boolean {
  return Object.values(policy.treatments).some(({ kind }) => kind === 'hmac');
}

/** What a receipt says of the policy. The digest covers its content and the fields of the file that it applies to. */
export function policyMark(policy: RedactionPolicy): PolicyMark {
  const content = {
    name: policy.name,
    version: policy.version,
    reversible: policy.reversible,
    unknownFields: policy.unknownFields,
    treatments: Object.entries(policy.treatments)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([place, treatment]) => [place, Object.entries(treatment).sort(([a], [b]) => (a < b ? -1 : 1))]),
    fields: sourceTables.map(({ table, list, columns }) => [table, list, columns]),
  };
  return {
    name: policy.name,
    version: policy.version,
    digest: createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16),
    reversible: policy.reversible,
  };
}
