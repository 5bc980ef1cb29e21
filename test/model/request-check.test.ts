import { describe, expect, test } from 'vitest';
import { checkRequest } from '../../src/model/request-check.js';

const whole = {
  connection: 'default',
  forecastId: 'net_arr',
  timePeriod: '2027_Q2',
  typesToExport: ['quota', 'forecast'],
  scopeId: '1905::MGR',
  currency: 'EUR',
  includeHistorical: false,
  fresh: true,
  jobId: '66f0aa10c3d4e5f60718a9b2',
  splitIfTruncated: true,
  allowIncomplete: true,
  acceptChange: true,
};

describe('a good request', () => {
  test('is passed on as it is when every field is given', () => {
    expect(checkRequest([whole])).toEqual({ outcome: 'good', request: whole, warnings: [] });
  });

  test('gets a default for each field but the forecast', () => {
    const request = {
      connection: 'default',
      forecastId: 'net_arr',
      timePeriod: null,
      typesToExport: null,
      scopeId: null,
      currency: null,
      includeHistorical: true,
      fresh: false,
      jobId: null,
      splitIfTruncated: false,
      allowIncomplete: false,
      acceptChange: false,
    };
    expect(checkRequest([{ forecastId: 'net_arr' }])).toEqual({ outcome: 'good', request, warnings: [] });
    const nulls = Object.fromEntries(Object.keys(request).map((name) => [name, null]));
    expect(checkRequest([{ ...nulls, forecastId: 'net_arr' }])).toEqual({ outcome: 'good', request, warnings: [] });
  });

  test.each([
    ['a field of somebody’s own', { note: 'nightly' }, ['note: no such field; it was ignored']],
    [
      'a name that may be anything',
      { 'Jo Doe <jo@example.com>': 1 },
      ['(a name not shown): no such field; it was ignored'],
    ],
    [
      'a name of Object’s',
      { toString: 1, constructor: 2 },
      ['toString: no such field; it was ignored', 'constructor: no such field; it was ignored'],
    ],
  ])('tolerates %s, with a warning that does not hold its value', (_name, more, warnings) => {
    expect(checkRequest([{ forecastId: 'net_arr', ...more }])).toMatchObject({ outcome: 'good', warnings });
  });

  test('has no more warnings than a receipt can hold', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`my_${index}`, index]));
    const checked = checkRequest([{ forecastId: 'net_arr', ...many }]);
    expect(checked).toMatchObject({ outcome: 'good' });
    if (checked.outcome !== 'good') return;
    expect(checked.warnings).toHaveLength(21);
    expect(checked.warnings.at(-1)).toBe('input: 480 more like these');
  });
});

describe('a quarter written otherwise is refused, and the right form is named', () => {
  test.each([
    ['2026-Q4', '2026_Q4'],
    ['2026_q4', '2026_Q4'],
    ['2026Q4', '2026_Q4'],
    ['Q4 2026', '2026_Q4'],
    ['Q4-2026', '2026_Q4'],
    ['FY2026 Q4', '2026_Q4'],
  ])('%s', (timePeriod, meant) => {
    const checked = checkRequest([{ forecastId: 'net_arr', timePeriod }]);
    expect(checked).toEqual({
      outcome: 'faulty',
      faults: [`timePeriod: must be a fiscal quarter written YYYY_Qn, such as 2027_Q2; ${meant} was probably meant`],
    });
  });

  test.each(['2026_Q5', '2026', 'Q4', 'last quarter', '2026-10-01', ' 2026_Q4', '2026_Q4\n', ''])(
    '%j, without a guess',
    (timePeriod) => {
      const checked = checkRequest([{ forecastId: 'net_arr', timePeriod }]);
      expect(checked).toMatchObject({ outcome: 'faulty' });
      if (timePeriod.trim() !== '2026_Q4') expect(JSON.stringify(checked)).not.toContain('probably');
    },
  );
});

describe('a field that nearly has a name of ours is refused, not ignored', () => {
  test.each([
    ['forcastId', 'forecastId'],
    ['forecast_id', 'forecastId'],
    ['forecast', 'forecastId'],
    ['timeperiod', 'timePeriod'],
    ['time_period', 'timePeriod'],
    ['TimePeriod', 'timePeriod'],
    ['period', 'timePeriod'],
    ['fiscal_quarter', 'timePeriod'],
    ['types', 'typesToExport'],
    ['includeHistory', 'includeHistorical'],
    ['historical', 'includeHistorical'],
    ['scope', 'scopeId'],
    ['job_id', 'jobId'],
    ['allow_incomplete', 'allowIncomplete'],
    ['currencyCode', 'currency'],
    ['conection', 'connection'],
  ])('%s: %s', (name, meant) => {
    const checked = checkRequest([{ forecastId: 'net_arr', [name]: 'x1' }]);
    expect(checked).toEqual({ outcome: 'faulty', faults: [`${name}: no such field; ${meant} was probably meant`] });
  });
});

test('every fault is listed, and none holds a value', () => {
  const checked = checkRequest([
    {
      connection: 'Jo Doe',
      forecastId: 'Jo Doe',
      timePeriod: 'Jo Doe',
      typesToExport: ['Jo Doe'],
      scopeId: 'Jo Doe',
      currency: 'Jo Doe',
      includeHistorical: 'Jo Doe',
      fresh: 'Jo Doe',
      jobId: 'Jo Doe',
      splitIfTruncated: 'Jo Doe',
      allowIncomplete: 'Jo Doe',
      acceptChange: 'Jo Doe',
    },
  ]);
  expect(checked.outcome).toBe('faulty');
  if (checked.outcome !== 'faulty') return;
  expect(checked.faults).toHaveLength(Object.keys(whole).length);
  expect(checked.faults.join()).not.toContain('Jo');
});

describe('what is not one JSON object is refused with an example', () => {
  test.each([
    ['nothing', [], '0 arguments came'],
    ['two arguments', [{ forecastId: 'net_arr' }, 'EUR'], '2 arguments came'],
    ['an array', [['net_arr']], 'an array came'],
    ['null', [null], 'null came'],
    ['undefined', [undefined], 'null came'],
    ['text', ['net_arr'], 'a string came'],
    ['a number', [1], 'a number came'],
    ['a boolean', [true], 'a boolean came'],
  ])('%s', (_name, args, said) => {
    const checked = checkRequest(args);
    expect(checked).toMatchObject({ outcome: 'faulty', faults: [expect.stringContaining(said)] });
    expect(JSON.stringify(checked)).toContain('net_arr');
  });
});

test('a list of types is refused when it is empty, repeats one or names one that does not exist', () => {
  for (const typesToExport of [[], ['quota', 'quota'], ['quota', 'quotas'], 'quota', {}, [['quota']]]) {
    expect(checkRequest([{ forecastId: 'net_arr', typesToExport }])).toMatchObject({
      outcome: 'faulty',
      faults: [expect.stringContaining('forecast, quota, forecast_updated, adjustment, crm_total, crm_closed')],
    });
  }
});

test('a secret is looked for before anything else, in every argument', () => {
  const secret = `Bearer ${'x1'.repeat(8)}`;
  expect(checkRequest([{ timePeriod: 7 }, { deep: [{ note: secret }] }])).toEqual({
    outcome: 'secret',
    places: ['argument 2.deep[0].note'],
  });
});

test.each(['policy', 'environment', 'url', 'baseUrl', 'destination', 'orgId'])(
  '%s is not for a request to say, and is not passed over',
  (name) => {
    expect(checkRequest([{ forecastId: 'net_arr', [name]: 'brief' }])).toEqual({
      outcome: 'faulty',
      faults: [`${name}: is not for a request to say; it belongs to the connection in the worker’s configuration`],
    });
  },
);
