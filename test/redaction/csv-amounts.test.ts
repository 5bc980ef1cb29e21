import { expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { parsePolicyFile } from '../../src/redaction/policy-file.js';
import { checkPolicy } from '../../src/redaction/policy.js';
import { csvRow, csvText, redactCsv } from './csv-support.js';

const { keyed, production } = builtInPolicies;

it.each<[string, string | null, string | null]>([
  ['$3,000,190.00', '3000190', '$'],
  ['$9,007,199,254,740,993.00', '9007199254740993', '$'],
  ['0', '0', null],
  ['412500.25', '412500.25', null],
  ['-$5', '-5', '$'],
  ['$-5', '-5', '$'],
  ['($5.00)', '-5', '$'],
  ['US$7', '7', 'US$'],
  ['USD 5', '5', 'USD'],
  ['5.00 EUR', '5', 'EUR'],
  ['¥\u00a0100', '100', '¥'],
  [' $5 ', '5', '$'],
  ['€0.125', '0.125', '€'],
  ['1,234.567', '1234.567', null],
  ['99999999999999999999999999999.999999999', '99999999999999999999999999999.999999999', null],
  // A thousand and more to some.
  ['€1.234', null, null],
  ['1.234,56', null, null],
  ['12,34,567', null, null],
  ['1,23', null, null],
  ['$5 USD', null, null],
  ['(-$5)', null, null],
  ['--5', null, null],
  ['5%', null, null],
  ['1e5', null, null],
  ['.5', null, null],
  ['5.', null, null],
  ['$', null, null],
  ['1.2345678901', null, null],
  ['999999999999999999999999999999', null, null],
])('%s is the amount %s in %s', async (text, amount, symbol) => {
  const { rows } = await redactCsv(csvText([csvRow({ 'Data Value': text })]), { policy: production });
  expect(rows[0]).toMatchObject({ data_value: text, is_updated: null });
  const { amount: landed = null, currency_symbol: sign } = rows[0] ?? {};
  expect([typeof landed === 'string' ? landed.replace(/\.?0+$/, '') || '0' : landed, sign]).toEqual([amount, symbol]);
});

it.each([
  ['Forecast Updated', 'Yes', true],
  ['Forecast Updated', 'No', false],
  ['Forecast Updated', 'yes', null],
  ['Forecast Value', 'Yes', null],
])('of the type %s, %s is %s', async (type, value, updated) => {
  const row = csvRow({ 'Data Type': type, 'Data Value': value });
  expect((await redactCsv(csvText([row]))).rows[0]?.['is_updated']).toBe(updated);
});

const withTreatments = (base: string, treatments: object): string =>
  JSON.stringify({ name: 'mine', version: 1, extends: base, treatments });

it.each([
  ['coarsens', { 'forecast_csv_values.amount': { bucket: 1000 } }],
  ['drops', { 'forecast_csv_values.amount': 'drop' }],
])('a policy that %s the amount and lands its text is refused', (_, treatments) => {
  expect(() => parsePolicyFile(withTreatments('production', treatments))).toThrow(
    'treatments.forecast_csv_values.data_value: lands the exact amount, which forecast_csv_values.amount does not; drop it, or',
  );
  const without = { ...treatments, 'forecast_csv_values.data_value': 'drop' };
  expect(parsePolicyFile(withTreatments('production', without)).name).toBe('mine');
});

it('a policy made by code is refused for it too, and one that hashes the text', () => {
  const treated = (kind: 'keep' | 'mask') => ({
    ...keyed,
    treatments: { ...keyed.treatments, 'forecast_csv_values.data_value': { kind } },
  });
  expect(() => {
    checkPolicy(treated('keep'));
  }).toThrow(/lands the exact amount/);
  expect(() => {
    checkPolicy(treated('mask'));
  }).toThrow(/it takes keep, tag, drop alone, since it holds amounts as text/);
});
