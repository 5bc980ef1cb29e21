import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../model/nearest.js';
import { amountTextFault } from './amount-text.js';
import { builtInPolicies } from './built-in-policies.js';
import { joinFaults } from './joins.js';
import { exceptedPlaces, policyFileSchema, treatedPlaces, type PolicyFile } from './policy-file-schema.js';
import type { RedactionPolicy } from './policy.js';
import { everySource } from './source-fields.js';
import type { Treatment } from './treatments.js';

/** Everything that is wrong with a policy file, at once; each fault has its place, and none a value. */
export class PolicyFileFaults extends Error {
  override readonly name = 'PolicyFileFaults';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

const MOST_BYTES = 256 * 1024;

/** @throws PolicyFileFaults */
export async function readPolicyFile(path: string): Promise<RedactionPolicy> {
  return parsePolicyFile(await textOf(path));
}

async function textOf(path: string): Promise<string> {
  const { size } = await readable(stat(path));
  if (size > MOST_BYTES) throw new PolicyFileFaults(['is longer than 256 KiB, which no policy is']);
  return readable(readFile(path, 'utf8'));
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new PolicyFileFaults([`can not be read (${code}); name a file of YAML or JSON that the worker may read`]);
  });
}

/**
 * The policy that a text of YAML or JSON describes.
 * @throws PolicyFileFaults
 */
export function parsePolicyFile(text: string): RedactionPolicy {
  // Its pretty errors quote the file, which may be another one by mistake: a key, say.
  const document = parseDocument(text, { prettyErrors: false });
  const broken = [...document.errors, ...document.warnings].map(({ code, pos: [at] }) => {
    const line = text.slice(0, at).split('\n').length;
    return `line ${line}: is neither YAML nor JSON (${code.toLowerCase().replaceAll('_', ' ')})`;
  });
  if (broken.length > 0) throw new PolicyFileFaults(broken);
  const parsed = policyFileSchema.safeParse(valueOf(document));
  if (!parsed.success) throw new PolicyFileFaults(parsed.error.issues.flatMap(faultsOf));
  const policy = compiled(parsed.data);
  const faults = [...joinFaults(policy), amountTextFault(policy.treatments)].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new PolicyFileFaults(faults);
  return policy;
}

function valueOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new PolicyFileFaults(['has aliases that name nothing, or too many of them; write the values out']);
  }
}

/** The names that an object of the file may have, by its place. */
const namesAt: Readonly<Record<string, readonly string[]>> = {
  treatments: treatedPlaces,
  leakCheck: ['phoneNumbers', 'exceptions'],
  'leakCheck.exceptions': exceptedPlaces,
};

function faultsOf(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt[place] ?? Object.keys(policyFileSchema.shape);
    return issue.keys.map((key) => `${place === '' ? '' : `${place}.`}${unknownName(key, known)}`);
  }
  if (place === '') return ['must be an object with name, version, extends and treatments'];
  return [`${place}: ${issue.message}`];
}

function unknownName(name: string, known: readonly string[]): string {
  if (known === exceptedPlaces && treatedPlaces.includes(name))
    return `${name}: takes no exception, which is for text columns without names and e-mails; treat the column instead`;
  const shown = /^[A-Za-z_$][\w.$-]{0,63}$/.test(name) ? name : '(a name not shown)';
  const meant = known.find((place) => place === placeOfField(name)) ?? nearest(name, known);
  return `${shown}: there is no such ${known === treatedPlaces || known === exceptedPlaces ? 'column' : 'field'}; ${
    meant === undefined ? `there are ${known.join(', ')}` : `${meant} was probably meant`
  }`;
}

/** The column that a field of Clari's file lands in, such as `users.crmId`, or that is so named without its table's prefix. */
function placeOfField(name: string): string | undefined {
  const [list, field = ''] = name.split('.');
  const source = everySource.find((table) => table.list === list || table.table === `forecast_${list ?? ''}`);
  const column = source?.columns.find(({ column: own, fields }) => own === field || fields.includes(field));
  return column && `${source?.table ?? ''}.${column.column}`;
}

function compiled(file: PolicyFile): RedactionPolicy {
  const { name, version, extends: base, onUnknownField, treatments: given, leakCheck } = file;
  const { treatments: inherited, unknownFields: before } = builtInPolicies[base];
  const unknownFields = onUnknownField ?? before;
  const treatments: Record<string, Treatment> = {};
  for (const [place, treatment] of Object.entries(inherited)) {
    const extra = place.endsWith('.extra');
    treatments[place] = given[place] ?? (extra && unknownFields !== 'extra' ? { kind: 'drop' } : treatment);
  }
  return {
    name,
    version,
    reversible: Object.values(treatments).some(({ kind }) => kind === 'brief-email' || kind === 'brief-name'),
    unknownFields,
    treatments,
    ...(leakCheck && { leakCheck: { ...leakCheck, exceptions: reasonsOf(leakCheck.exceptions) } }),
  };
}

const reasonsOf = (given: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([place, reason]) => (reason === undefined ? [] : [[place, reason]])),
  );
