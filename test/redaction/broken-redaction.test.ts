import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { parsePolicyFile, PolicyFileFaults } from '../../src/redaction/policy-file.js';
import { checkPolicy, type RedactionPolicy } from '../../src/redaction/policy.js';
import type { Treatment } from '../../src/redaction/treatments.js';
import { leakIn, type Landed } from './landed.js';
import { entry, failure } from './support.js';

const { keyed, brief } = builtInPolicies;
const keep: Treatment = { kind: 'keep' };
const keyedBut = (changes: Record<string, Treatment>): RedactionPolicy => ({
  ...keyed,
  treatments: { ...keyed.treatments, ...changes },
});

const noor = { userId: '40112:R', name: 'Noor Haddad', email: 'noor.haddad@example.com', crmId: '005EX01' };
const named = (fieldName: string): object => ({ entries: [], users: [noor], fields: [{ fieldId: 'fc', fieldName }] });

interface Way {
  readonly how: string;
  readonly file: object | string;
  /** Default: `keyed`. */
  readonly policy?: RedactionPolicy;
  /** What lands, where it is not what the redactor makes of the file. */
  readonly landed?: Landed;
  readonly says: string;
}

/** Ways to break the redaction that nothing but the leak check notices. */
const ways: readonly Way[] = [
  {
    how: 'a name whose key is written with an escape, in a label',
    file: JSON.stringify(named('Noor Haddad')).replace('"name"', '"n\\u0061me"'),
    says: '1 value of forecast_fields.field_name holds a raw value of users.name.',
  },
  {
    how: 'an address in a free text',
    file: named('ask jane.doe@corp.example, please'),
    says: '1 value of forecast_fields.field_name holds what looks like an e-mail address.',
  },
  {
    how: 'an address inside an address on the web',
    file: named('https://crm.example/?who=jane.doe%40corp.example&x=1'),
    says: '1 value of forecast_fields.field_name holds what looks like an e-mail address.',
  },
  ...['\\u0040', '\\\\u0040', '&#64;', '&#x40;', '\uFF20', '%2540'].map((sign) => ({
    how: `an address with ${sign} for its sign`,
    file: named(`ask jane.doe${sign}corp.example`),
    says: '1 value of forecast_fields.field_name holds what looks like an e-mail address.',
  })),
  {
    how: 'another spelling of an e-mail, which does not look like one',
    file: { ...named('\u00a0\tELAN@Intra\u0301net\n'), users: [{ userId: '1:R', email: 'elan@intr\u00e1net' }] },
    says: '1 value of forecast_fields.field_name holds a raw value of users.email.',
  },
  {
    how: 'a name in the middle of a label',
    file: named('Deal of NOOR  Haddad (EMEA)'),
    says: '1 value of forecast_fields.field_name holds a name of users.name among other words.',
  },
  ...['Doe, Jane (AE)', 'AE-Jane-Doe', 'jane.doe', 'EMEA_DOE_JANE', 'EMEA/Doe/Jane'].map((label) => ({
    how: `a name as ${label}`,
    file: { ...named(label), users: [{ userId: '1:R', name: 'Jane Doe' }] },
    says: '1 value of forecast_fields.field_name holds a name of users.name among other words.',
  })),
  ...['de la Cruz, Ana', 'Cruz_Ana_de_la'].map((label) => ({
    how: `a name of several words as ${label}`,
    file: { ...named(label), users: [{ userId: '1:R', name: 'Ana de la Cruz' }] },
    says: '1 value of forecast_fields.field_name holds a name of users.name among other words.',
  })),
  {
    how: 'a name in an unknown field that the policy keeps',
    file: { entries: [], users: [{ ...noor, dealNote: 'Deal of Noor Haddad' }] },
    policy: { ...brief, treatments: { ...brief.treatments, 'forecast_users.extra': keep } },
    says: '1 value of forecast_users.extra holds a name of users.name among other words.',
  },
  {
    how: 'a column of names that the policy keeps, even of one word',
    file: {
      entries: [],
      users: [
        { userId: '1:R', name: 'Noor' },
        { userId: '2:R', name: 'Sales' },
      ],
    },
    policy: keyedBut({ 'forecast_users.name': keep }),
    says: '2 values of forecast_users.name hold a raw value of users.name.',
  },
  {
    how: 'display names where ids should be, which the policy keeps',
    file: { entries: [entry({ updatedBy: ' noor HADDAD' }), entry({ updatedBy: 'x' })], users: [noor] },
    policy: keyedBut({ 'forecast_entries.updated_by': keep }),
    says: '1 value of forecast_entries.updated_by holds a raw value of users.name.',
  },
  {
    how: 'no users, so that only entries have names',
    file: { entries: [entry({ updatedBy: 'Noor Haddad' })], fields: [{ fieldId: 'fc', fieldName: 'noor haddad' }] },
    says: '1 value of forecast_fields.field_name holds a raw value of entries.updatedBy.',
  },
  {
    how: 'a field in another’s column',
    file: { entries: [], users: [{ ...noor, hierarchyId: '00E1' }] },
    landed: { table: 'forecast_users', rows: [{ user_id: 'f00d', hierarchy_id: '005ex01' }] },
    says: '1 value of forecast_users.hierarchy_id holds a raw value of users.crmId.',
  },
  {
    how: 'an id that is not hashed',
    file: { entries: [entry({ userId: '40112:R' })], users: [noor] },
    landed: { table: 'forecast_entries', rows: [{ user_id: '40112:R' }, { user_id: 'f00d' }] },
    says: '1 value of forecast_entries.user_id holds a raw value of entries.userId.',
  },
  {
    how: 'a value of a field that no policy knows',
    file: { entries: [entry({ dealNote: 'Big one at Acme' })] },
    landed: { table: 'forecast_entries', rows: [{ updated_by: 'big one at acme' }] },
    says: '1 value of forecast_entries.updated_by holds a raw value of entries.dealNote.',
  },
];

describe('a redaction broken on purpose is caught by the leak check:', () => {
  it.each(ways.map((way) => [way.how, way] as const))('%s', async (_, { file, policy = keyed, landed, says }) => {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    const message =
      landed === undefined ? (await failure(text, { policy })).message : await leakIn(text, landed, policy);
    expect(message).toBe(says);
  });
});

/** What is noticed before: the leak check never sees it. */
describe('a redaction broken on purpose is caught before it starts:', () => {
  it.each([
    ['a column misspelt', { 'forecast_users.nmae': 'drop' }, 'forecast_users.name was probably meant'],
    ['names kept', { 'forecast_users.name': 'keep' }, 'it holds names or e-mails, which land by tag alone'],
  ])('%s, in a policy file', (_, treatments, says) => {
    const text = JSON.stringify({ name: 'ours', version: 1, extends: 'keyed', treatments });
    expect(() => parsePolicyFile(text)).toThrow(PolicyFileFaults);
    expect(() => parsePolicyFile(text)).toThrow(says);
  });

  it('a column misspelt, in a policy made by code', () => {
    const { 'forecast_users.name': _, ...rest } = keyed.treatments;
    const misspelt = { ...keyed, treatments: { ...rest, 'forecast_users.nmae': { kind: 'drop' } } } as const;
    expect(() => checkPolicy(misspelt)).toThrow('no treatment for forecast_users.name');
  });
});
