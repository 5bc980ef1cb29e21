import { writeFile } from 'node:fs/promises';
import { exportTypes } from '../../src/model/request.js';
import { expectedFile, type ExpectedFile } from '../../src/testing/fake-clari/index.js';
import { forecastFile, recordPlan } from '../../src/testing/fake-clari/data/forecast-file.js';

const REQUEST = {
  timePeriod: '2027_Q2',
  typesToExport: exportTypes,
  currency: null,
  includeHistorical: true,
} as const;
const SEED = 11;

/** Writes an export as Clari would give it, and says what is in it. */
export async function writeExport(
  path: string,
  form: 'five-lists' | 'flat' | 'csv',
  { entries = 400, change = (bytes: Buffer): Buffer => bytes } = {},
): Promise<ExpectedFile> {
  const shape = form === 'flat' ? 'flat' : 'five-lists';
  const forecast = { forecastId: 'net_arr', forecastName: 'Net ARR', entries, shape } as const;
  const request = { ...REQUEST, exportFormat: form === 'csv' ? 'CSV' : 'JSON' } as const;
  const file = forecastFile(forecast, recordPlan(forecast, request, SEED), SEED, form);
  await writeFile(path, change(Buffer.concat([...file.chunks()])));
  return expectedFile(forecast, request, SEED);
}
