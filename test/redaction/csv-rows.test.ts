import { describe, expect, it } from 'vitest';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { csvColumns, csvRow, csvText, redactCsv, type CsvRow } from './csv-support.js';
import { pseudonym } from './oracle.js';
import { generator } from './random-document.js';
import type { Cells } from './support.js';

const { keyed, production, brief } = builtInPolicies;

const names = [
  ...['Noor Haddad', 'Ünal "Q" Öz', '"', '""', 'a,b', 'line\nbreak', 'line\r\nbreak', 'return\ronly', 'é\u0301lan'],
  ...['山田 太郎', '😀', "=HYPERLINK('x')", '  padded  ', '\ttab', 'NULL', '\\N', "O'Brien", "'; DROP", '{"a":1}', ''],
];
/** Labels that are nobody's name. */
const labels = names.map((name) => name && `Q${name}`);
/** Amounts as a CSV may write them, and as they land. */
const amounts = [
  ['$3,000,190.00', '3000190.000000000', '$'],
  ['-$5', '-5.000000000', '$'],
  ['($5.50)', '-5.500000000', '$'],
  ['', null, null],
  ['12345678901234567890.123456789', '12345678901234567890.123456789', null],
  ['1.234,56 €', null, null],
] as const;

interface Made {
  readonly row: CsvRow;
  readonly landed: Cells;
}

/** Rows that a seed repeats, and what lands of them where every column is kept. */
function made(seed: number, count: number): Made[] {
  const random = generator(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, (_, at): Made => {
    const updated = random() < 0.3;
    const [value, amount, symbol] = updated ? ([one(['Yes', 'No', '']), null, null] as const) : one(amounts);
    const day = String(1 + (at % 28)).padStart(2, '0');
    const row = {
      ...{ User: one(names), Email: `${one(names)}@${at}`, 'CRM User ID': one(names), Role: one(names) },
      ...{ 'Parent Role': one(names), Timeframe: one(labels), Field: one(labels), Week: String(at % 14) },
      ...{ 'Start Day': `10/${day}/2026`, 'End Day': '', 'Data Value': value },
      'Data Type': updated ? 'Forecast Updated' : 'Forecast Value',
    };
    const text = (name: keyof typeof row): string | null => (row[name] === '' ? null : row[name]);
    const landed = {
      ...{ user_name: text('User'), email: text('Email'), crm_id: text('CRM User ID'), role: text('Role') },
      ...{ parent_role: text('Parent Role'), time_frame: text('Timeframe'), field: text('Field'), week: row.Week },
      ...{ start_day: `2026-10-${day}`, end_day: null, data_type: row['Data Type'], data_value: text('Data Value') },
      ...{ amount, currency_symbol: symbol, is_updated: value === 'Yes' ? true : value === 'No' ? false : null },
      extra: null,
    };
    return { row, landed };
  });
}

const rows = made(5, 600);
const landed = rows.map((one) => one.landed);
const text = csvText(rows.map(({ row }) => row));

describe('all cells of a CSV land as they are', () => {
  it.each<[string, string, number]>([
    ['in chunks of a byte', text, 1],
    ['in chunks of a few bytes', text, 7],
    ['in one chunk', text, text.length * 4],
    [
      'with newlines alone',
      csvText(
        rows.map(({ row }) => row),
        { end: '\n' },
      ),
      1000,
    ],
    ['with both ends of lines', text.replaceAll(',Forecast Value,\r\n', ',Forecast Value,\n'), 1000],
    ['with a byte order mark', `\uFEFF${text}`, 2],
    ['with empty lines', text.replace('\r\n', '\r\n\r\n').concat('\n\r\n'), 3],
    [
      'with its columns turned round',
      csvText(
        rows.map(({ row }) => row),
        { columns: [...csvColumns].reverse() },
      ),
      1000,
    ],
  ])('%s', async (_, file, chunk) => {
    const { result, rows: read } = await redactCsv(file, { policy: production, chunk });
    expect(read).toEqual(landed);
    expect(result).toMatchObject({ shape: 'csv', endsOpen: false, droppedFields: [], key: null });
    expect(result.tables).toMatchObject([{ table: 'forecast_csv_values', read: 600, rows: 600, rejected: 0 }]);
  });

  it('also where a cell is a megabyte of lines that look like rows', async () => {
    const cell = `${csvColumns.map((name) => name.charAt(0)).join(',')}\n`.repeat(40_000);
    const usual = Array.from({ length: 1000 }, () => csvRow());
    const long = Array.from({ length: 50 }, (_, at) => [csvRow({ Role: `${at}${cell}` }), ...usual]).flat();
    const { rows: read } = await redactCsv(csvText(long), { policy: production, chunk: 1024 * 1024 });
    expect(read.length).toBe(long.length);
    expect(read.filter(({ role }) => role !== 'AE North').map(({ role }) => role)).toEqual(
      Array.from({ length: 50 }, (_, at) => `${at}${cell}`),
    );
  });

  it('with a mark in the first cell like that of a file at its start', async () => {
    const [header, marked, plain] = [
      'Field,Data Type,Data Value',
      '\ufeffNoor,Forecast Value,5',
      'Noor,Forecast Value,6',
    ];
    const orders = [
      [header, marked, plain],
      [`\ufeff${header}`, marked, plain],
      [header, plain, marked],
    ];
    // What reads the rows in JavaScript drops such a mark; the checksum does not.
    const checksums = orders.map(async (lines) => {
      const { result } = await redactCsv(`${lines.join('\n')}\n`, { policy: production });
      return result.tables[0].checksum;
    });
    expect(new Set(await Promise.all(checksums)).size).toBe(1);
  });

  it('also where there are none, or no more than the columns that must be', async () => {
    expect((await redactCsv(csvText([]), { policy: production })).rows).toEqual([]);
    const few = await redactCsv('Data Value,Field,Data Type\n€5,Commit,Quota Value\n', { policy: production });
    expect(few.rows).toMatchObject([{ email: null, field: 'Commit', amount: '5.000000000', currency_symbol: '€' }]);
  });

  it('with a word where the last line has no end, which may be cut off', async () => {
    const { result, rows: read } = await redactCsv(text.slice(0, -2), { policy: production });
    expect([result.endsOpen, read]).toEqual([true, landed]);
  });
});

describe('the policies for a CSV', () => {
  it('leave pseudonyms and coarse amounts under keyed, and no text of an amount', async () => {
    const { rows: read, result } = await redactCsv(
      csvText([
        csvRow(),
        csvRow({ Email: ' NOOR.Haddad@example.com', 'Data Value': '1.234,56 €' }),
        csvRow({ 'Data Type': 'Forecast Updated', 'Data Value': 'Yes' }),
      ]),
    );
    const email = pseudonym('email', 'noor.haddad@example.com');
    const crm = pseudonym('id', '005EX0000000001AAA');
    const person = { user_name: null, email, crm_id: crm, role: 'AE North', parent_role: 'VP EMEA', data_value: null };
    expect(read).toMatchObject([
      { ...person, amount: '413000.000000000', currency_symbol: '$', is_updated: null },
      { ...person, amount: null, currency_symbol: null, is_updated: null },
      { ...person, amount: null, currency_symbol: null, is_updated: true },
    ]);
    expect(result.policy.name).toBe('keyed');
  });

  it('count rows that say the same of one person, type and week', async () => {
    const same = csvText([csvRow(), csvRow({ 'Data Value': '$1' }), csvRow({ Week: '1' })]);
    expect((await redactCsv(same)).result.tables[0]).toMatchObject({ rows: 3, duplicates: 2 });
  });

  const odd = { columns: [...csvColumns, 'Deal Note', 'x@y.example'] };
  const note = csvText([csvRow({ 'Deal Note': 'Big' }), csvRow()], odd);

  it('drop columns that no table has, and name them where the name is none of a person', async () => {
    expect((await redactCsv(note)).result.droppedFields).toEqual([
      { table: 'forecast_csv_values', field: '(name not shown)', records: 2 },
      { table: 'forecast_csv_values', field: 'Deal Note', records: 2 },
    ]);
  });

  it('refuse them where they say so, and keep them in extra under brief', async () => {
    const failing: RedactionPolicy = { ...keyed, unknownFields: 'fail' };
    await expect(redactCsv(note, { policy: failing })).rejects.toMatchObject({
      type: 'PolicyRefused',
      message: expect.stringContaining('forecast_csv_values.Deal Note (2)') as unknown,
    });
    const { rows: kept, result } = await redactCsv(note, { policy: brief });
    expect(kept.map(({ extra }) => extra)).toEqual(['{"Deal Note":"Big"}', null]);
    expect(result.droppedFields).toEqual([]);
  });
});
