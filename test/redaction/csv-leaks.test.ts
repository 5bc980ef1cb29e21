import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import type { Treatment } from '../../src/redaction/treatments.js';
import { csvColumns, csvFailure, csvRow, csvText, redactCsv, type CsvRow } from './csv-support.js';
import { leakInCsv, type Landed } from './landed.js';

const { keyed } = builtInPolicies;
const keep: Treatment = { kind: 'keep' };
const keyedBut = (changes: Record<string, Treatment>): RedactionPolicy => ({
  ...keyed,
  treatments: { ...keyed.treatments, ...changes },
});

interface Way {
  readonly how: string;
  readonly row: CsvRow;
  /** Default: `keyed`. */
  readonly policy?: RedactionPolicy;
  /** What lands, where it is not what the redactor makes of the file. */
  readonly landed?: Landed['rows'][number];
  readonly says: string;
}

const ways: readonly Way[] = [
  {
    how: 'names that the policy keeps',
    row: {},
    policy: keyedBut({ 'forecast_csv_values.user_name': keep }),
    says: '1 value of forecast_csv_values.user_name holds a raw value of rows.User.',
  },
  {
    how: 'e-mails that the policy keeps',
    row: {},
    policy: keyedBut({ 'forecast_csv_values.email': keep }),
    says:
      '1 value of forecast_csv_values.email holds what looks like an e-mail address. ' +
      '1 value of forecast_csv_values.email holds a raw value of rows.Email.',
  },
  {
    how: 'a name in a label',
    row: { Field: 'Deal of HADDAD, Noor' },
    says: '1 value of forecast_csv_values.field holds a name of rows.User among other words.',
  },
  {
    how: 'a name in place of a role',
    row: { 'Parent Role': ' noor  haddad' },
    says: '1 value of forecast_csv_values.parent_role holds a name of rows.User among other words.',
  },
  {
    how: 'an address in a type',
    row: { 'Data Type': 'for jane.doe@corp.example' },
    says: '1 value of forecast_csv_values.data_type holds what looks like an e-mail address.',
  },
  {
    how: 'an id that is not hashed',
    row: {},
    landed: { crm_id: '005ex0000000001aaa' },
    says: '1 value of forecast_csv_values.crm_id holds a raw value of rows.CRM User ID.',
  },
  {
    how: 'a column that no table has, in another',
    row: { 'Deal Note': 'Big one at Acme' },
    landed: { role: 'big one at acme' },
    says: '1 value of forecast_csv_values.role holds a raw value of rows.Deal Note.',
  },
  {
    how: 'the text of an amount, which the policy drops',
    row: {},
    landed: { data_value: '$412,500.25' },
    says: '1 value of forecast_csv_values.data_value holds what the policy drops.',
  },
];

describe('a redaction of a CSV broken on purpose is caught by the leak check:', () => {
  it.each(ways.map((way) => [way.how, way] as const))('%s', async (_, { row, policy = keyed, landed, says }) => {
    const file = csvText([csvRow(row)], {
      columns: [...csvColumns, ...Object.keys(row).filter((n) => !csvColumns.includes(n))],
    });
    const message =
      landed === undefined
        ? (await csvFailure(file, { policy })).message
        : await leakInCsv(file, { table: 'forecast_csv_values', rows: [landed] }, policy);
    expect(message).toBe(says);
  });

  it('and one that is whole is not', async () => {
    const file = csvText([csvRow(), csvRow({ User: 'Sales', Role: 'Sales' })]);
    expect((await redactCsv(file)).result.tables[0].rows).toBe(2);
  });
});
