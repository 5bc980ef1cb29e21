import { expect, test } from 'vitest';
import { checkWhatCame, remarks, unproven } from '../../src/activities/asked-and-came.js';
import { checkRequest } from '../../src/model/request-check.js';
import type { RedactedExport } from '../../src/model/steps.js';
import { failing } from '../support/failing.js';

const redacted: RedactedExport = {
  tables: [],
  policy: { name: 'keyed', version: 1, digest: '0123456789abcdef', reversible: false },
  key: null,
  droppedFields: [],
  timePeriods: ['2027_Q2', '2027_Q3'],
  currencies: [],
  typesSeen: [],
};

/** What is found wrong with parts that name these quarters, where the current one was asked for. */
async function check(...quarters: readonly (readonly string[])[]): Promise<void> {
  const checked = checkRequest([{ forecastId: 'net_arr' }]);
  if (checked.outcome !== 'good') throw new Error('A good request was refused.');
  const parts = quarters.map((timePeriods) => ({ rows: 1, timePeriods }));
  await Promise.resolve().then(() => checkWhatCame({ request: checked.request, redacted: { ...redacted, parts } }));
}

test('parts of different quarters are no snapshot: one may end between the first job and the last', async () => {
  const error = await failing(check(['2027_Q2'], ['2027_Q2'], ['2027_Q3']));
  expect([error.type, error.message]).toEqual([
    'WrongTimePeriod',
    'The types came of different quarters: 2027_Q2 and 2027_Q3.',
  ]);
});

test('parts that name the same quarters, or none, are one', async () => {
  await check(['2027_Q2', '2027_Q3'], [], ['2027_Q2', '2027_Q3']);
});

test('a type of which no value came is told of: warned of where it was asked for by name, else said to be unproven', () => {
  const came = { ...redacted, typesSeen: ['forecast', 'quota', 'adjustment'] };
  const of = (typesToExport: readonly string[] | undefined): string[][] => {
    const checked = checkRequest([{ forecastId: 'net_arr', ...(typesToExport ? { typesToExport } : {}) }]);
    if (checked.outcome !== 'good') throw new Error('A good request was refused.');
    const compared = { request: checked.request, redacted: came, downloads: [] };
    return [remarks(compared), unproven(compared).filter((what) => what.startsWith('types'))];
  };
  expect(of(['forecast', 'crm_total'])).toEqual([['No value came of the types crm_total.'], []]);
  expect(of(undefined)).toEqual([[], ['types: no value came of crm_total, crm_closed']]);
});

test('weeks are compared with what was asked for as far as the file names them', () => {
  const of = (includeHistorical: boolean, rows: number): string[][] => {
    const checked = checkRequest([{ forecastId: 'net_arr', includeHistorical }]);
    if (checked.outcome !== 'good') throw new Error('A good request was refused.');
    const table = { table: 'forecast_time_frames', rows } as RedactedExport['tables'][number];
    const compared = { request: checked.request, redacted: { ...redacted, tables: [table] }, downloads: [] };
    return [remarks(compared), unproven(compared).filter((what) => what.startsWith('weeks'))];
  };
  expect(of(false, 1)).toEqual([[], []]);
  expect(of(false, 13)).toEqual([['The current week alone was asked for, and the file names 13.'], []]);
  expect(of(true, 13)).toEqual([[], []]);
  expect(of(true, 1)).toEqual([[], ['weeks: one came, which is the whole history in a quarter’s first week alone']]);
  for (const history of [true, false]) expect(of(history, 0)).toEqual([[], ['weeks: the file names none']]);
});

test('a currency that was asked for and that the file does not name is unproven', () => {
  const of = (currency: string | undefined, currencies: readonly string[]): string[] => {
    const checked = checkRequest([{ forecastId: 'net_arr', ...(currency ? { currency } : {}) }]);
    if (checked.outcome !== 'good') throw new Error('A good request was refused.');
    const compared = { request: checked.request, redacted: { ...redacted, currencies }, downloads: [] };
    return unproven(compared).filter((what) => what.startsWith('currency'));
  };
  expect(of('EUR', [])).toEqual(['currency: the file names none']);
  expect([of('EUR', ['EUR']), of(undefined, [])]).toEqual([[], []]);
});
