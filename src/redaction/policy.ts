import { createHash } from 'node:crypto';
import { ExportError } from '../model/export-error.js';
import type { PolicyMark } from '../model/receipt.js';
import { redactedTables } from '../model/tables.js';
import { amountTextFault } from './amount-text.js';
import { everySource } from './source-fields.js';
import { treatmentFault, type Treatment } from './treatments.js';

/** A policy is data: a treatment for every column of the model. */
export interface RedactionPolicy {
  readonly name: string;
  readonly version: number;
  /** True where a treatment can be reversed by guessing. */
  readonly reversible: boolean;
  /**
   * Fields that the model does not know. `drop`: they are not landed, and reported. `fail`: a file that has one is not landed.
   * `extra`: they land in the column `extra`.
   */
  readonly unknownFields: 'drop' | 'fail' | 'extra';
  /** By `table.column`. */
  readonly treatments: Readonly<Record<string, Treatment>>;
  readonly leakCheck?: LeakCheckOptions;
}

export interface LeakCheckOptions {
  /** Whether what looks like a phone number counts as a leak. */
  readonly phoneNumbers: boolean;
  /** Why the leak check leaves a text column out, by `table.column`. */
  readonly exceptions: Readonly<Record<string, string>>;
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

/** @throws ExportError `PolicyRefused` when a column lacks a treatment, or has one that it, or another beside it, can not take */
export function checkPolicy(policy: RedactionPolicy): void {
  const known = new Set<string>();
  for (const { name: table, columns } of redactedTables) {
    for (const column of columns) {
      const place = `${table}.${column.name}`;
      known.add(place);
      const fault = treatmentFault(place, column, treatmentOf(policy, table, column.name));
      if (fault !== undefined)
        throw new ExportError('PolicyRefused', `The policy ${policy.name} can not treat ${place} so: it ${fault}.`);
    }
  }
  const fault = amountTextFault(policy.treatments);
  if (fault !== undefined) throw new ExportError('PolicyRefused', `The policy ${policy.name} has a fault in ${fault}.`);
  const places = [...Object.keys(policy.treatments), ...Object.keys(policy.leakCheck?.exceptions ?? {})];
  for (const place of places) {
    if (!known.has(place)) {
      throw new ExportError('PolicyRefused', `The policy ${policy.name} names ${place}, which no table has.`);
    }
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
    ...(policy.leakCheck && {
      leakCheck: [
        policy.leakCheck.phoneNumbers,
        Object.entries(policy.leakCheck.exceptions).sort(([a], [b]) => (a < b ? -1 : 1)),
      ],
    }),
    fields: everySource.map(({ table, list, columns }) => [table, list, columns]),
  };
  return {
    name: policy.name,
    version: policy.version,
    digest: createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16),
    reversible: policy.reversible,
  };
}
