import { expect, it } from 'vitest';
import { csvColumns, csvFailure, csvRow, csvText } from './csv-support.js';

const header = `${csvColumns.join(',')}\r\n`;
const good = csvText([csvRow()]).slice(header.length);
const few = 'Field,Data Type,Data Value\n';
const SECRET = 'Jane Secret';

/** What is wrong, the file, and what is said of it. */
const faults: readonly (readonly [string, string | Buffer, string])[] = [
  ['nothing', '', "The file's header has no column Field, Data Type, Data Value, or no commas between its columns."],
  ['no values', 'User,Field,Data Type\n', "The file's header has no column Data Value, or no commas"],
  ['another case', 'field,Data Type,Data Value\n', "The file's header has no column Field, or no commas"],
  ['a column twice', `Email,${few}`.replace('Data Type', 'Data Type,Email'), 'has the name of its column 4 twice.'],
  ['a quote in the header', `Fi"eld,${few}`, 'header has a quote out of place in its column 1.'],
  ['a header without an end', `"${few.repeat(4000)}`, 'header is longer than 64 KiB.'],
  ['a header of other bytes', Buffer.concat([Buffer.from([0xff]), Buffer.from(few)]), 'header is not valid UTF-8.'],
  ['too many columns', `${','.repeat(300)}${few}`, 'header has more than 256 columns.'],
  [
    'a row with a cell too few',
    `${few}a,b,c\na,${SECRET}\na,b,c\n`,
    'Row 2 of the file, after its header, has 2 cells and the header 3.',
  ],
  [
    'a row with a cell too many',
    `${few}a,b,c\n${SECRET},b,c,\n`,
    'Row 2 of the file, after its header, has 4 cells and',
  ],
  [
    'a last row that is cut off',
    `${header}${good}${good.slice(0, 40)}`,
    'Row 2 of the file, after its header, has 3 cells and',
  ],
  [
    'a file cut off in quotes',
    `${header}${good}${good.slice(0, -4)}`,
    'Row 2 of the file, after its header, breaks off inside quotes',
  ],
  [
    'a file cut off in a line end',
    `${header}${good}${good.slice(0, -1)}`,
    'Row 2 of the file, after its header, breaks off.',
  ],
  [
    'a file cut off in a character',
    Buffer.from(`${few}a,b,ü`).subarray(0, -1),
    'Row 1 of the file, after its header, breaks off.',
  ],
  [
    'a quote that is not closed',
    `${few}a,"b,c\n${'a,b,c\n'.repeat(9)}`,
    'Row 1 of the file, after its header, breaks off inside quotes, or',
  ],
  [
    'a quote that opens late',
    `${few}a,b,c\na,${SECRET}"x",c\n`,
    'Row 2 of the file, after its header, has a quote out of place.',
  ],
  ['text after quotes', `${few}a,"b"${SECRET},c\n`, 'Row 1 of the file, after its header, has a quote out of place.'],
  [
    'a carriage return alone',
    `${few}a,b\rx,c\n`,
    'Row 1 of the file, after its header, has a carriage return without a newline.',
  ],
  ['a NUL', `${few}a,b,c\na,"b\0",c\n`, 'Row 2 of the file, after its header, has a NUL character.'],
  [
    'Latin-1',
    Buffer.from(`${few}a,b,c\na,b\xfc,c\n`, 'latin1'),
    'Row 2 of the file, after its header, is not valid UTF-8.',
  ],
];

it.each(faults)('a CSV with %s is malformed, wherever a chunk ends', async (_, file, says) => {
  for (const chunk of [1, 1_000_000]) {
    let left: readonly string[] | undefined;
    const fault = await csvFailure(file, { chunk, onEnd: (names) => (left = names) });
    expect([fault.type, fault.message]).toEqual(['FileMalformed', expect.stringContaining(says)]);
    expect(fault.message).not.toContain(SECRET);
    expect(left).toEqual([]);
  }
});

it('a row of more than a MiB is malformed', async () => {
  const fault = await csvFailure(`${few}a,"${'x'.repeat(1024 * 1024)}`, { chunk: 1_000_000 });
  expect([fault.type, fault.message]).toEqual([
    'FileMalformed',
    expect.stringMatching(/^Row 1 .* longer than 1024 KiB/),
  ]);
});

it.each([
  ['Week', 'Q2'],
  ['Week', '1.5'],
  ['Start Day', '2026-10-07'],
  ['End Day', '02/30/2026'],
])('a row whose %s is %s is rejected, and told by its number', async (column, value) => {
  const fault = await csvFailure(csvText([csvRow(), csvRow({ [column]: value })]));
  expect([fault.type, fault.message]).toEqual([
    'ValueRejected',
    expect.stringMatching(/^1 value of forecast_csv_values\.\w+ is not what the column takes exactly; .* record 2\.$/),
  ]);
});
