import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportError } from '../../src/model/export-error.js';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import { createCsvRedactor, type CsvRedaction } from '../../src/redaction/csv/csv-redactor.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { inChunks, readParquet, testKey, type Cells } from './support.js';

export const csvColumns: readonly string[] = [
  ...['User', 'Email', 'CRM User ID', 'Role', 'Parent Role', 'Timeframe'],
  ...['Field', 'Week', 'Start Day', 'End Day', 'Data Type', 'Data Value'],
];
export type CsvRow = Readonly<Record<string, string>>;

/** A row with what every row has. */
export const csvRow = (cells: CsvRow = {}): CsvRow => ({
  User: 'Noor Haddad',
  Email: 'noor.haddad@example.com',
  'CRM User ID': '005EX0000000001AAA',
  Role: 'AE North',
  'Parent Role': 'VP EMEA',
  Timeframe: 'FY27 Q2',
  Field: 'Commit',
  Week: '0',
  'Start Day': '10/07/2026',
  'End Day': '10/13/2026',
  'Data Type': 'Forecast Value',
  'Data Value': '$412,500.25',
  ...cells,
});

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** As RFC 4180 writes it, each line with its end. */
export const csvText = (rows: readonly CsvRow[], { columns = csvColumns, end = '\r\n' } = {}): string =>
  [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))]
    .map((cells) => `${cells.map(cell).join(',')}${end}`)
    .join('');

export interface CsvOptions {
  /** Default: `keyed`. */
  readonly policy?: RedactionPolicy;
  readonly chunk?: number;
  /** Called at the end, good or bad, with what is left in the scratch folder. */
  readonly onEnd?: (left: readonly string[]) => void;
}

/** Redacts a CSV and reads what was written. */
export async function redactCsv(
  file: string | Uint8Array,
  { policy = builtInPolicies.keyed, chunk = 1000, onEnd }: CsvOptions = {},
): Promise<{ readonly result: CsvRedaction; readonly rows: Cells[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'redact-csv-'));
  const scratch = await mkdtemp(join(folder, 'scratch-'));
  try {
    const redactor = createCsvRedactor({ policy, key: testKey, memoryLimitMb: 256, keepOrder: true });
    const result = await redactor.redact({
      open: () => Promise.resolve(inChunks(Buffer.from(file), chunk)),
      scratch,
      produce: (name, write) => write(join(folder, name)),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    return { result, rows: await readParquet(join(folder, result.tables[0].name)) };
  } finally {
    onEnd?.(await readdir(scratch));
    await rm(folder, { recursive: true, force: true });
  }
}

/** The failure that redacting `file` ends in. */
export async function csvFailure(file: string | Uint8Array, options: CsvOptions = {}): Promise<ExportError> {
  const fault: unknown = await redactCsv(file, options).then(
    () => new Error('Nothing was thrown.'),
    (error: unknown) => error,
  );
  if (fault instanceof ExportError) return fault;
  throw fault;
}
