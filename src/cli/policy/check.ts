import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRODUCTION } from '../../config/settings.js';
import { failures } from '../../model/failures.js';
import { faultsOutsideProduction } from '../../redaction/environment-rule.js';
import { surveyCsv } from '../../redaction/csv/survey-csv.js';
import { csvFate, fileFate, type FileFate } from '../../redaction/field-fates.js';
import { needsKey, policyMark, type RedactionPolicy } from '../../redaction/policy.js';
import { surveyFile } from '../../redaction/split-file.js';
import { treatmentDocs } from '../../redaction/treatment-docs.js';
import { treatmentText } from '../../redaction/written-treatments.js';
import { loadPolicy } from '../../worker/choose-policy.js';
import { exportFile } from '../export-file.js';
import { formatTable } from '../format-table.js';
import { redactionOf, type PolicyFlags } from '../policy-flags.js';

export interface PolicyCheck {
  readonly policy: ReturnType<typeof policyMark>;
  readonly needsKey: boolean;
  readonly environment: string;
  /** Undefined where no file is looked at. */
  readonly file: Omit<FileFate, 'stops'> | undefined;
  /** Why nothing would land; the exit code that a redaction would end with. */
  readonly stops: readonly { readonly exitCode: number; readonly message: string }[];
}

/** What a policy would do, where, and to which file. @throws what `faultOf` puts into words */
export async function checkPolicyOn(
  path: string | undefined,
  flags: PolicyFlags,
  signal: AbortSignal,
): Promise<PolicyCheck> {
  const settings = redactionOf(flags);
  const { environment, personalAllowedBecause } = settings;
  const policy = await loadPolicy(settings.policy);
  const outside = environment === PRODUCTION || personalAllowedBecause !== undefined;
  const fate = path === undefined ? undefined : await fateOf(path, policy, signal);
  return {
    policy: policyMark(policy),
    needsKey: needsKey(policy),
    environment,
    file: fate && { shape: fate.shape, fields: fate.fields },
    stops: [
      ...(outside ? [] : faultsOutsideProduction(policy, environment)).map((message) => ({
        ...{ message, exitCode: failures.ConfigurationInvalid.exitCode },
      })),
      ...(fate?.stops ?? []).map(({ type, message }) => ({ message, exitCode: failures[type].exitCode })),
    ],
  };
}

async function fateOf(path: string, policy: RedactionPolicy, signal: AbortSignal): Promise<FileFate> {
  const file = await exportFile(path, signal);
  const onBytes = (): void => undefined;
  if (file.format === 'json') return fileFate(await surveyFile(await file.open(), { signal, onBytes }), policy);
  const scratch = await mkdtemp(join(tmpdir(), 'clari-temporal-policy-check-'));
  try {
    return csvFate(await surveyCsv(() => file.open(), { signal, scratch, onBytes }), policy);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function checkAsJson({ file, ...rest }: PolicyCheck): string {
  const fields = file?.fields.map(({ lands, ...field }) => ({
    ...field,
    lands: lands.map(({ table, column, treatment }) => ({
      ...{ table, column, treatment: treatmentText(treatment), leaves: treatmentDocs[treatment.kind] },
    })),
  }));
  return JSON.stringify({ ...rest, ...(file && { file: { ...file, fields } }) }, undefined, 2);
}

export function shownCheck({ policy, needsKey: keyed, environment, file, stops }: PolicyCheck): string {
  const key = keyed ? 'needs a key' : 'needs no key';
  return [
    ...(file ? [shownFields(file), ''] : []),
    `Policy ${policy.name}, version ${policy.version}, digest ${policy.digest}, ${key}, environment ${environment}`,
    ...(policy.reversible ? ['Some of its hashes have no key: whoever guesses a text recognises its hash.'] : []),
    ...(stops.length === 0
      ? [file ? 'Nothing of that stops the file.' : 'It may be used there.']
      : stops.map(({ message }) => `Stops: ${message}`)),
  ].join('\n');
}

function shownFields({ shape, fields }: Omit<FileFate, 'stops'>): string {
  const rows = fields.flatMap(({ list, field, records, kinds, lands }) => {
    const own = [`${list}.${field}`, String(records), kinds.join(', ')];
    if (lands.length === 0) return [[...own, '', 'not landed: the policy does not know it']];
    return lands.map(({ table, column, treatment }, at) => [
      ...(at === 0 ? own : ['', '', '']),
      ...[`${table}.${column}`, treatmentText(treatment)],
    ]);
  });
  const used = new Map<string, Set<string>>();
  for (const { treatment } of fields.flatMap(({ lands }) => lands)) {
    const leaves = treatmentDocs[treatment.kind];
    used.set(leaves, (used.get(leaves) ?? new Set()).add(treatmentText(treatment)));
  }
  return [
    formatTable(['field', 'records', 'values', 'lands in', 'treatment'], rows),
    ...(shape === 'flat'
      ? [
          '',
          'A flat file: users, and the user ids of entries, are made from ownerEmail, or ownerName where there is none.',
        ]
      : []),
    '',
    ...[...used].map(([leaves, treatments]) => `${[...treatments].sort().join(' | ')}: ${leaves}`),
  ].join('\n');
}
