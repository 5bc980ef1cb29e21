import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { stringify } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { parsePolicyFile, PolicyFileFaults, readPolicyFile } from '../../src/redaction/policy-file.js';
import { policyJsonSchema } from '../../src/redaction/policy-file-schema.js';
import { checkPolicy, policyMark } from '../../src/redaction/policy.js';

const good = { name: 'analysts', version: 3, extends: 'keyed' };
const withTreatments = (treatments: Record<string, unknown>, more: object = {}): string =>
  JSON.stringify({ ...good, treatments, ...more });

function faultsOf(text: string): readonly string[] {
  try {
    parsePolicyFile(text);
  } catch (error) {
    if (error instanceof PolicyFileFaults) return error.faults;
    throw error;
  }
  return [];
}

/** One treatment of each kind, as a file writes it and as the policy has it. */
const written = [
  ['forecast_users.hierarchy_name', 'keep', { kind: 'keep' }],
  ['forecast_users.name', 'tag', { kind: 'tag' }],
  ['forecast_users.email', 'drop', { kind: 'drop' }],
  ['forecast_users.name', 'mask', { kind: 'mask' }],
  ['forecast_users.crm_id', 'truncate', { kind: 'truncate' }],
  ['forecast_entries.updated_by', 'known-user-id', { kind: 'known-user-id' }],
  ['forecast_users.email', { hmac: 'email' }, { kind: 'hmac', domain: 'email' }],
  ['forecast_users.name', { brief: 'name' }, { kind: 'brief-name' }],
  ['forecast_users.email', { brief: 'email' }, { kind: 'brief-email' }],
  ['forecast_entries.crm_total', { bucket: 25 }, { kind: 'bucket', step: 25 }],
  ['forecast_entries.updated_on', { bucket: 'week' }, { kind: 'period', period: 'week' }],
  ['forecast_time_frames.end_date', { bucket: 'year' }, { kind: 'period', period: 'year' }],
] as const;

/** What a file says that it may not, and the one fault that is told. */
const refused: readonly [string, string, string | RegExp][] = [
  ['nothing', '', 'must be an object with name, version, extends and treatments'],
  ['a list', '[]', 'must be an object with name, version, extends and treatments'],
  ['no name', '{version: 1, extends: keyed}', 'name: must be one word that stands in receipts'],
  [
    'an odd name',
    '{name: "a b", version: 1, extends: keyed}',
    'name: must be letters, digits, _ and - only, at most 64',
  ],
  ['a version in quotes', '{name: a, version: "1", extends: keyed}', 'version: must be a whole number from 1 up'],
  ['a base that is none', '{name: a, version: 1, extends: strict}', 'extends: must be one of keyed, production, brief'],
  [
    'another rule for unknown fields',
    JSON.stringify({ ...good, onUnknownField: 'extra' }),
    'onUnknownField: must be drop or fail',
  ],
  [
    'a field that is nearly one',
    JSON.stringify({ ...good, treatment: {} }),
    'treatment: there is no such field; treatments was probably meant',
  ],
  [
    'a field that is none',
    JSON.stringify({ ...good, salt: 'x' }),
    /^salt: there is no such field; there are \$schema, name, version,/,
  ],
  [
    'treatments that are a list',
    JSON.stringify({ ...good, treatments: [] }),
    /^treatments: must be an object of columns/,
  ],
  [
    'a column that is nearly one',
    withTreatments({ 'forecast_user.email': 'drop' }),
    'treatments.forecast_user.email: there is no such column; forecast_users.email was probably meant',
  ],
  [
    'a column without its table’s prefix',
    withTreatments({ 'users.name': 'drop' }),
    'treatments.users.name: there is no such column; forecast_users.name was probably meant',
  ],
  [
    'a field of Clari’s',
    withTreatments({ 'entries.updatedBy': 'drop' }),
    'treatments.entries.updatedBy: there is no such column; forecast_entries.updated_by was probably meant',
  ],
  [
    'a column that is none',
    withTreatments({ 'jane@example.com': 'drop' }),
    /^treatments\.\(a name not shown\): there is no such column; there are forecast_entries\.time_period_id,/,
  ],
  [
    'the column of unknown fields',
    withTreatments({ 'forecast_users.extra': 'tag' }),
    /^treatments\.forecast_users\.extra: there is no such column/,
  ],
  [
    'a treatment that is nearly one',
    withTreatments({ 'forecast_users.name': 'maskk' }),
    /^treatments\.forecast_users\.name: takes tag; drop; \{ hmac: email \| name \| id \}; mask.*\(mask was probably meant\)$/,
  ],
  [
    'a domain that is none',
    withTreatments({ 'forecast_users.name': { hmac: 'emial' } }),
    /^treatments\.forecast_users\.name: takes /,
  ],
  [
    'two treatments',
    withTreatments({ 'forecast_users.name': { hmac: 'name', brief: 'name' } }),
    /^treatments\.forecast_users\.name: takes /,
  ],
  ['null', withTreatments({ 'forecast_users.name': null }), /^treatments\.forecast_users\.name: takes /],
  [
    'keep for a name',
    withTreatments({ 'forecast_users.name': 'keep' }),
    /since it holds names or e-mails, which land by tag alone/,
  ],
  [
    'a hash of an amount',
    withTreatments({ 'forecast_entries.crm_total': { hmac: 'id' } }),
    'treatments.forecast_entries.crm_total: takes keep; tag; drop; { bucket: STEP }, a whole number of at least 2, since its type is decimal',
  ],
  ['a bucket of one', withTreatments({ 'forecast_entries.crm_total': { bucket: 1 } }), /a whole number of at least 2/],
  [
    'a bucket of cents',
    withTreatments({ 'forecast_entries.crm_total': { bucket: 2.5 } }),
    /a whole number of at least 2/,
  ],
  [
    'a period of an amount',
    withTreatments({ 'forecast_entries.crm_total': { bucket: 'week' } }),
    /its type is decimal/,
  ],
  [
    'a step of a date',
    withTreatments({ 'forecast_time_frames.end_date': { bucket: 7 } }),
    /takes keep; tag; drop; \{ bucket: day \| week \| month \| quarter \| year \}, since its type is date/,
  ],
  ['a network of an instant', withTreatments({ 'forecast_entries.updated_on': 'truncate' }), /its type is timestamp/],
  [
    'a mask of a boolean',
    withTreatments({ 'forecast_entries.is_updated': 'mask' }),
    'treatments.forecast_entries.is_updated: takes keep; tag; drop, since its type is boolean',
  ],
  [
    'no quarter',
    withTreatments({ 'forecast_entries.time_period_id': 'drop' }),
    /takes keep; tag, since what came is compared with what was asked for by it/,
  ],
  [
    'ids that would not join',
    withTreatments({ 'forecast_users.user_id': { hmac: 'name' } }),
    'treatments.forecast_entries.user_id: joins to forecast_users.user_id, which is treated otherwise; treat both alike, or drop one',
  ],
  [
    'an option of the leak check that is nearly one',
    JSON.stringify({ ...good, leakCheck: { phones: true } }),
    /^leakCheck\.phones: there is no such field/,
  ],
  [
    'an exception for nothing',
    JSON.stringify({ ...good, leakCheck: { exceptions: { 'forecast_field.field_name': 'it is a test' } } }),
    'leakCheck.exceptions.forecast_field.field_name: there is no such column; forecast_fields.field_name was probably meant',
  ],
  [
    'an exception without a reason',
    JSON.stringify({ ...good, leakCheck: { exceptions: { 'forecast_fields.field_name': 'because' } } }),
    'leakCheck.exceptions.forecast_fields.field_name: must be a sentence that says why it is no leak, of 10 to 200 characters',
  ],
  [
    'an exception for names',
    JSON.stringify({ ...good, leakCheck: { exceptions: { 'forecast_users.name': 'they are all invented' } } }),
    /^leakCheck\.exceptions\.forecast_users\.name: takes no exception, .*; treat the column instead$/,
  ],
  ['no YAML', 'name: [a\nversion: 1', /^line \d: is neither YAML nor JSON \([a-z ]+\)$/],
  ['a key twice', 'name: a\nname: b\nversion: 1\nextends: keyed', 'line 2: is neither YAML nor JSON (duplicate key)'],
  ['an alias of nothing', 'name: *jane\nversion: 1', /^(line 1: is neither|has aliases)/],
];

describe('a policy file', () => {
  it.each(written)('may treat %s by %j', (place, treatment, meant) => {
    const policy = parsePolicyFile(withTreatments({ [place]: treatment }));
    expect(policy.treatments[place]).toEqual(meant);
    expect(() => checkPolicy(policy)).not.toThrow();
  });

  it.each(refused)('is refused with %s, in a sentence that says where and what else', (_, text, fault) => {
    const faults = faultsOf(text);
    expect(faults[0]).toMatch(fault instanceof RegExp ? fault : /./);
    if (typeof fault === 'string') expect(faults[0]).toBe(fault);
    expect(faults.join()).not.toMatch(/jane|emial|maskk/);
  });

  it('has all of its faults told at once', () => {
    const faults = faultsOf(
      JSON.stringify({
        name: 'keyed',
        version: 0,
        extends: 'x',
        onUnknownField: 'x',
        salt: 1,
        treatments: { a: 'b', 'forecast_users.name': 'keep' },
      }),
    );
    expect(faults.map((fault) => fault.slice(0, fault.indexOf(':'))).sort()).toEqual([
      'extends',
      'name',
      'onUnknownField',
      'salt',
      'treatments.a',
      'treatments.forecast_users.name',
      'version',
    ]);
  });

  it('may say what the leak check looks for, and why not where', () => {
    const exceptions = { 'forecast_fields.field_name': 'a field is called as a service user is' };
    const policy = parsePolicyFile(JSON.stringify({ ...good, leakCheck: { phoneNumbers: true, exceptions } }));
    expect(policy.leakCheck).toEqual({ phoneNumbers: true, exceptions });
    expect(() => checkPolicy(policy)).not.toThrow();
    expect(policyMark(policy).digest).not.toBe(policyMark(parsePolicyFile(JSON.stringify(good))).digest);
    const { leakCheck } = parsePolicyFile(JSON.stringify({ ...good, leakCheck: {} }));
    expect(leakCheck).toEqual({ phoneNumbers: false, exceptions: {} });
  });

  it('treats what it does not name as the policy that it extends', () => {
    const policy = parsePolicyFile(withTreatments({ 'forecast_users.name': 'mask' }));
    expect(policy).toEqual({
      name: 'analysts',
      version: 3,
      reversible: false,
      unknownFields: 'drop',
      treatments: { ...builtInPolicies.keyed.treatments, 'forecast_users.name': { kind: 'mask' } },
    });
    expect(parsePolicyFile(JSON.stringify({ ...good, extends: 'production' })).treatments).toEqual(
      builtInPolicies.production.treatments,
    );
  });

  it('lands unknown fields where it extends brief and says nothing, and nowhere else', () => {
    const brief = { ...good, extends: 'brief' };
    const said = parsePolicyFile(JSON.stringify({ ...brief, onUnknownField: 'fail' }));
    expect(parsePolicyFile(JSON.stringify(brief))).toMatchObject({ unknownFields: 'extra', reversible: true });
    expect(said).toMatchObject({ unknownFields: 'fail', treatments: { 'forecast_entries.extra': { kind: 'drop' } } });
  });

  it('is reversible where a hash has no key, whatever it extends', () => {
    const reversible = (text: string): boolean => parsePolicyFile(text).reversible;
    expect(reversible(withTreatments({ 'forecast_users.email': { brief: 'email' } }))).toBe(true);
    const none = {
      'forecast_users.name': 'drop',
      'forecast_users.email': 'drop',
      'forecast_entries.owner_name': 'drop',
      'forecast_csv_values.user_name': 'drop',
      'forecast_csv_values.email': 'drop',
    };
    expect(reversible(withTreatments({ ...none, 'forecast_entries.owner_email': 'drop' }, { extends: 'brief' }))).toBe(
      false,
    );
  });

  it('has a digest of what it says, not of how', () => {
    const file = {
      ...good,
      onUnknownField: 'fail',
      treatments: { 'forecast_users.name': 'mask', 'forecast_users.crm_id': 'drop' },
    };
    const digestOf = (text: string): string => policyMark(parsePolicyFile(text)).digest;
    const digest = digestOf(JSON.stringify(file));
    expect(digestOf(`# said once more\n${stringify(file)}`)).toBe(digest);
    expect(digestOf(JSON.stringify({ ...file, onUnknownField: 'drop' }))).not.toBe(digest);
    expect(
      digestOf(
        JSON.stringify({ ...file, treatments: { 'forecast_users.name': 'drop', 'forecast_users.crm_id': 'drop' } }),
      ),
    ).not.toBe(digest);
  });

  it('has a published JSON Schema that takes and refuses the same', async () => {
    const published = await readFile(new URL('../../schemas/redaction-policy.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(published)).toEqual(policyJsonSchema());
    const takes = new Ajv2020({ strict: true }).compile(policyJsonSchema());
    for (const [place, treatment] of written) expect(takes({ ...good, treatments: { [place]: treatment } })).toBe(true);
    for (const [, text, fault] of refused.filter(([, body]) => body.startsWith('{"'))) {
      // A schema can not compare two columns.
      if (!String(fault).includes('joins to')) expect(takes(JSON.parse(text)), text).toBe(false);
    }
  });
});

describe('a file on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-file-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const reading = async (path: string): Promise<readonly string[]> => {
    const error: unknown = await readPolicyFile(path).catch((thrown: unknown) => thrown);
    return error instanceof PolicyFileFaults ? error.faults : [String(error)];
  };

  it('is read', async () => {
    await writeFile(join(folder, 'a.yaml'), stringify(good));
    expect((await readPolicyFile(join(folder, 'a.yaml'))).name).toBe('analysts');
  });

  it('is named as missing, as a folder, as too long, or as something else, and its content is not shown', async () => {
    expect(await reading(join(folder, 'none'))).toEqual([expect.stringContaining('can not be read (ENOENT)')]);
    expect(await reading(folder)).toEqual([expect.stringContaining('can not be read (EISDIR)')]);
    await writeFile(join(folder, 'long'), Buffer.alloc(256 * 1024 + 1, '#'));
    expect(await reading(join(folder, 'long'))).toEqual(['is longer than 256 KiB, which no policy is']);
    await writeFile(join(folder, 'key'), 'wilhelmina: "quux');
    expect((await reading(join(folder, 'key'))).join()).not.toMatch(/wilhelmina|quux/);
  });
});
