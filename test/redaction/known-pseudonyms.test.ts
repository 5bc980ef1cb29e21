import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { redact, testKeyBytes } from './support.js';

/* Enough entries for the users' pseudonyms to be made once and looked up (known-pseudonyms.ts). */
const ENTRIES = 12_000;
const users = [
  { userId: '40001:00E1', name: 'Ünal "Q" 1' },
  { userId: '40002:00E2', name: '' },
  { userId: '40002:00E2', name: 'Twice There' },
  { userId: '40004:00E4', name: ' With Blanks ' },
  { userId: null, name: null },
];
/** Listed whole, in part and by name; not listed; empty; absent. */
const people = [
  '40001:00E1',
  '40001',
  'Ünal "Q" 1',
  'Twice There',
  '40003:00E3',
  ' Twice There',
  ' With Blanks ',
  '',
  null,
  undefined,
];

const entries = Array.from({ length: ENTRIES }, (_, at) => ({
  timePeriodId: '2027_Q1',
  userId: people[at % people.length],
  fieldId: String(at),
  updatedBy: people[(at >> 4) % people.length],
}));
const file = JSON.stringify({ entries, users, fields: [], timePeriods: [], timeFrames: [] });

function pseudonym(text: string | null | undefined, domain: string): string | null {
  if (text === null || text === undefined || text === '') return null;
  return createHmac('sha256', testKeyBytes).update(`${domain}\0${text}`).digest('hex').slice(0, 32);
}

async function landed(policy: RedactionPolicy): Promise<Map<unknown, { user: unknown; by: unknown }>> {
  const { tables } = await redact(file, { policy, chunk: 65_536 });
  const rows = tables['forecast_entries'] ?? [];
  expect(rows).toHaveLength(ENTRIES);
  return new Map(rows.map((row) => [row['field_id'], { user: row['user_id'], by: row['updated_by'] }]));
}

describe('of users that a file lists, pseudonyms that are looked up', () => {
  it('are those that are computed', async () => {
    const rows = await landed(builtInPolicies.keyed);
    for (const { fieldId, userId, updatedBy } of entries)
      expect(rows.get(fieldId)).toEqual({ user: pseudonym(userId, 'id'), by: pseudonym(updatedBy, 'id') });
  });

  it('are normalised as their column’s are, each in its own domain', async () => {
    const { keyed } = builtInPolicies;
    const updatedBy = { kind: 'hmac', domain: 'name' } as const;
    const policy = { ...keyed, treatments: { ...keyed.treatments, 'forecast_entries.updated_by': updatedBy } };
    const rows = await landed(policy);
    for (const { fieldId, userId, updatedBy: by } of entries)
      expect(rows.get(fieldId)).toEqual({ user: pseudonym(userId, 'id'), by: pseudonym(by?.trim(), 'name') });
  });
});
