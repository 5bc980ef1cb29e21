import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { checkRequest } from '../../src/model/request-check.js';
import { requestFields, requestJsonSchema, type RequestField } from '../../src/model/request-fields.js';

const valid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(requestJsonSchema());

test('the published schema is the one that the code makes (npm run docs)', async () => {
  const file = new URL('../../schemas/export-forecast-request.schema.json', import.meta.url);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(requestJsonSchema());
});

test('every field’s example and default keep its rule', () => {
  for (const [name, field] of Object.entries<RequestField>(requestFields)) {
    const input = { forecastId: 'net_arr', [name]: field.example };
    expect([name, checkRequest([input]).outcome, valid(input)]).toEqual([name, 'good', true]);
    const base = { forecastId: 'net_arr', ...(field.required ? {} : { [name]: field.default }) };
    expect([name, checkRequest([base]).outcome, valid(base)]).toEqual([name, 'good', true]);
  }
});

/** Of every kind that JSON has, near and far from what each field wants. */
const values: readonly unknown[] = [
  null,
  true,
  'true',
  0,
  1905,
  '',
  ' ',
  'net_arr',
  'net arr',
  'né',
  '_x',
  '-x',
  'a'.repeat(64),
  'a'.repeat(65),
  'a'.repeat(128),
  'a'.repeat(129),
  '1905::MGR',
  '2027_Q2',
  '2027_Q5',
  '2027_Q2\n',
  '2027-Q2',
  'USD',
  'usd',
  'USDT',
  [],
  ['forecast'],
  ['forecast', 'quota'],
  ['forecast', 'forecast'],
  ['forecast', 1],
  ['everything'],
  [[]],
  {},
  { forecast: true },
];
const rest = [null, [], 'net_arr', 7, true, {}, { timePeriod: '2027_Q2' }, { forecastId: 'net_arr', note: { a: [1] } }];

describe('the schema and the workflow’s own check agree', () => {
  test.each(Object.keys(requestFields))('on %s', (name) => {
    for (const value of values) {
      const input = { forecastId: 'net_arr', [name]: value };
      expect([value, valid(input)]).toEqual([value, checkRequest([input]).outcome === 'good']);
    }
  });

  test('on inputs as a whole', () => {
    for (const input of rest) expect([input, valid(input)]).toEqual([input, checkRequest([input]).outcome === 'good']);
  });
});
