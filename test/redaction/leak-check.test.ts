import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { DuckDbSession } from '../../src/redaction/duckdb-session.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { TreatedHashes } from '../../src/redaction/treated-hashes.js';
import type { Treatment } from '../../src/redaction/treatments.js';
import { leakIn } from './landed.js';
import { entry, failure, redact } from './support.js';

const { keyed, production } = builtInPolicies;
const broken = (changes: Record<string, Treatment>): RedactionPolicy => ({
  ...keyed,
  treatments: { ...keyed.treatments, ...changes },
});
const keep: Treatment = { kind: 'keep' };
const users = [
  { userId: '1:R', name: 'Noor Haddad', email: 'noor.haddad@example.com', hierarchyName: 'AE North' },
  { userId: '2:R', name: 'Al', email: '', hierarchyName: 'Al' },
];

describe('the leak check', () => {
  it('finds a policy that keeps names', async () => {
    const error = await failure(JSON.stringify({ entries: [], users }), {
      policy: broken({ 'forecast_users.name': keep }),
    });
    expect(error).toMatchObject({
      type: 'LeakFound',
      message: '1 value of forecast_users.name holds a raw value of users.name.',
    });
  });

  it('finds a policy that keeps e-mails', async () => {
    const error = await failure(JSON.stringify({ entries: [], users }), {
      policy: broken({ 'forecast_users.email': keep }),
    });
    expect(error).toMatchObject({
      type: 'LeakFound',
      message: expect.stringContaining('looks like an e-mail address') as string,
    });
  });

  it('finds a name in another column, whatever its case and blanks, and says how often', async () => {
    const entries = [
      entry({ updatedBy: ' NOOR haddad\t' }),
      entry({ updatedBy: 'Noor Haddad', fieldId: 'b' }),
      entry({ updatedBy: 'Al', fieldId: 'c' }),
    ];
    const error = await failure(JSON.stringify({ entries, users }), {
      policy: broken({ 'forecast_entries.updated_by': keep }),
    });
    expect(error).toMatchObject({
      type: 'LeakFound',
      message: expect.stringMatching(/^2 values of forecast_entries.updated_by hold/) as string,
    });
  });

  it('finds names where nobody expects them, under the built-in policies', async () => {
    const titled = [{ ...users[0], hierarchyName: 'Noor Haddad' }];
    expect((await failure(JSON.stringify({ entries: [], users: titled }))).message).toContain(
      'forecast_users.hierarchy_name',
    );
    const fields = [{ fieldId: 'a', fieldName: 'ask jane.doe@example.org' }];
    expect((await failure(JSON.stringify({ entries: [], fields }))).message).toContain('forecast_fields.field_name');
    const entries = [entry({ userId: 'noor.haddad@example.com' })];
    const error = await failure(JSON.stringify({ entries, users: [{ userId: 'noor.haddad@example.com' }] }), {
      policy: production,
    });
    expect(error.message).toContain('forecast_entries.user_id');
  });

  it('finds the owner of a flat file', async () => {
    const entries = [{ ownerName: 'Noor Haddad', ownerEmail: 'n@x.example', forecastAmount: 1, timePeriod: '2027_Q1' }];
    const policy = broken({ 'forecast_entries.owner_name': keep });
    expect((await failure(JSON.stringify({ entries }), { policy })).message).toContain('forecast_entries.owner_name');
    const title = [{ ...entries[0], timePeriod: 'noor haddad' }];
    expect((await failure(JSON.stringify({ entries: title }))).message).toContain('forecast_entries.time_period_id');
  });

  it('lets short values, hashes and what is tagged pass', async () => {
    const policy = broken({ 'forecast_users.name': { kind: 'tag' }, 'forecast_users.email': { kind: 'brief-email' } });
    const { tables } = await redact(JSON.stringify({ entries: [], users }), { policy });
    expect(tables['forecast_users']?.map((row) => row['name'])).toEqual(['Noor Haddad', 'Al']);
  });
});

/** The fields of a file and what lands; nobody is told of it. */
const harmless: readonly [string, object, RedactionPolicy][] = [
  [
    'a user called as a field is',
    { entries: [], users: [{ userId: '1:R', name: 'Sales' }], fields: [{ fieldId: 'a', fieldName: 'Sales' }] },
    keyed,
  ],
  [
    'a user called as their role is',
    { entries: [], users: [{ userId: '1:R', name: 'Sales', hierarchyName: 'Sales' }] },
    keyed,
  ],
  [
    'an id that is a year, or an amount',
    {
      entries: [entry({ userId: '2027', updatedBy: '412500', forecastValue: 412500 })],
      users: [{ userId: '2027' }],
      timePeriods: [{ timePeriodId: '2027_Q2', year: '2027' }],
    },
    keyed,
  ],
  [
    'a role that is a manager’s role as well, of which one is treated',
    { entries: [], users: [{ userId: '1:R', hierarchyName: 'VP EMEA', parentHierarchyName: 'VP EMEA' }] },
    broken({ 'forecast_users.parent_hierarchy_name': { kind: 'hmac', domain: 'name' } }),
  ],
  [
    'ids of users that are no users’ names, under a policy that keeps them',
    {
      entries: [entry({ updatedBy: '40112' }), entry({ updatedBy: ' 40112' }), entry({ updatedBy: 'Noor Haddad' })],
      users: [{ userId: '40112:R', name: 'Noor Haddad', email: 'noor.haddad@example.com' }],
    },
    production,
  ],
  [
    'ids whose parts are words of others, and names of which a part or another order stands there',
    {
      entries: [entry({ updatedBy: '2027-q2', fieldId: 'fc_best_case', userId: '2026-10' })],
      users: [
        { userId: '2026-10', crmId: 'case_best', name: 'Jane van Doe', hierarchyName: 'AE-Jane-Doe' },
        { userId: '1:R', name: 'Best', hierarchyName: 'Van Jane' },
      ],
      fields: [{ fieldId: 'fc_best_case', fieldName: 'Best/Case', fieldType: 'best-case' }],
    },
    keyed,
  ],
  [
    'what is masked already',
    { entries: [], users: [{ userId: '1:R', name: 'N***' }] },
    broken({ 'forecast_users.name': { kind: 'mask' } }),
  ],
  [
    'an unknown field that says what a known one does, and one that differs from it in its case',
    {
      entries: [],
      fields: [{ fieldId: 'a', fieldName: 'Best Case', label: 'Best Case', fieldname: 'x', Label: 'Best Case' }],
    },
    keyed,
  ],
  [
    'days, weeks and ids of ten digits',
    { entries: [entry({ timeFrameId: 'TF:2026-10-07', fieldId: '4155550100' })] },
    checkingPhones(),
  ],
];

function checkingPhones(): RedactionPolicy {
  return { ...keyed, leakCheck: { phoneNumbers: true, exceptions: {} } };
}

describe('the leak check stops nothing for', () => {
  it.each(harmless)('%s', async (_, file, policy) => {
    await expect(redact(JSON.stringify({ entries: [], ...file }), { policy })).resolves.toBeDefined();
  });
});

describe('what stands in its own right', () => {
  const file = JSON.stringify({
    entries: [],
    users: [{ userId: '1:R', name: 'Sales' }],
    fields: [
      { fieldId: 'a', fieldName: 'Sales' },
      { fieldId: 'b', fieldName: 'Best' },
    ],
  });

  it('does so as often as its own field says it, and no more', async () => {
    const rows = [{ field_name: 'Sales' }, { field_name: 'sales ' }];
    expect(await leakIn(file, { table: 'forecast_fields', rows: rows.slice(1) }, keyed)).toBeUndefined();
    expect(await leakIn(file, { table: 'forecast_fields', rows }, keyed)).toBe(
      '2 values of forecast_fields.field_name hold a raw value of users.name.',
    );
  });

  it('does so in no other column, and in none that is treated', async () => {
    for (const column of ['field_type', 'field_id'])
      expect(await leakIn(file, { table: 'forecast_fields', rows: [{ [column]: 'Sales' }] }, keyed)).toContain(column);
    const policy = broken({ 'forecast_fields.field_name': { kind: 'hmac', domain: 'name' } });
    expect(await leakIn(file, { table: 'forecast_fields', rows: [{ field_name: 'Best' }] }, policy)).toBe(
      '1 value of forecast_fields.field_name holds a raw value of fields.fieldName.',
    );
  });
});

describe('the options of the leak check', () => {
  const labelled = (fieldName: string): string =>
    JSON.stringify({ entries: [], fields: [{ fieldId: 'a', fieldName }] });

  it.each(['call +44 20 7946 0958', '(415) 555-0100', 'tel. 415-555-0100.', '+14155550100'])(
    'find the phone number %s on request',
    async (text) => {
      await expect(redact(labelled(text))).resolves.toBeDefined();
      expect((await failure(labelled(text), { policy: checkingPhones() })).message).toBe(
        '1 value of forecast_fields.field_name holds what looks like a phone number.',
      );
    },
  );

  it('except a column', async () => {
    const exceptions = { 'forecast_fields.field_name': 'the support desk’s own address stands there' };
    const policy = { ...keyed, leakCheck: { phoneNumbers: false, exceptions } };
    await expect(redact(labelled('desk@corp.example'), { policy })).resolves.toBeDefined();
    expect(
      (await failure(JSON.stringify({ entries: [], fields: [{ fieldId: 'desk@corp.example' }] }), { policy })).type,
    ).toBe('LeakFound');
  });
});

describe('long texts', () => {
  const users = [{ userId: '1:R', name: 'Noor Haddad' }];

  it('have names found in them, wherever these are cut', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => ({
      field_name: `${'ab '.repeat(130)}${'x'.repeat(at)} Noor Haddad`,
    }));
    expect(await leakIn(JSON.stringify({ entries: [], users }), { table: 'forecast_fields', rows }, keyed)).toBe(
      '20 values of forecast_fields.field_name hold a name of users.name among other words.',
    );
  });

  it('of megabytes are no more than there is memory for', async () => {
    const fields = Array.from({ length: 6 }, (_, at) => ({
      fieldId: `f${at}`,
      fieldName: `${'ab cd '.repeat(800_000)}${at}`,
    }));
    const { result } = await redact(JSON.stringify({ entries: [], users, fields }), { chunk: 1 << 20 });
    expect(result.tables[2]?.rows).toBe(6);
  });
});

describe('more hashes than there is memory for', () => {
  const users = Array.from({ length: 25 }, (_, at) => ({ userId: `${at}:R`, name: `Noor Haddad${at}` }));

  it('are looked for in several passes, and each is found', async () => {
    const rows = users.map(({ name }) => ({ field_id: `of ${name}!`, field_type: name }));
    const found = [1_000_000, 20].map((mostAtOnce) =>
      leakIn(JSON.stringify({ entries: [], users }), { table: 'forecast_fields', rows }, keyed, mostAtOnce),
    );
    for (const told of await Promise.all(found)) {
      expect(told).toBe(
        '25 values of forecast_fields.field_type hold a raw value of users.name. ' +
          '25 values of forecast_fields.field_id hold a name of users.name among other words.',
      );
    }
  });

  it('are never in memory all at once', async () => {
    const session = await DuckDbSession.open({ memoryLimitMb: 256, threads: 2 }, new AbortController().signal);
    const scratch = await mkdtemp(join(tmpdir(), 'hashes-'));
    try {
      const relation = `(SELECT 'value ' || i AS v FROM range(3000) AS t(i))`;
      const fields = [{ name: 'users.name', text: 'v', sensitivity: 'none' }] as const;
      const hashes = await TreatedHashes.gather(session, [{ relation, fields, records: 3000 }], scratch, 500);
      const counts: number[] = [];
      for (const load of await hashes.passesFor(undefined)) {
        await load();
        counts.push(Number((await session.row('counting', 'SELECT count(*)::INT AS n FROM treated_hashes'))['n']));
      }
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3000);
      expect(Math.max(...counts)).toBeLessThanOrEqual(500);
      expect(await readdir(scratch)).toEqual([]);
      await hashes.close();
    } finally {
      session.close();
      await rm(scratch, { recursive: true });
    }
  });
});
