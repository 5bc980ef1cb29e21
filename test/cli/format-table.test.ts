import { expect, test } from 'vitest';
import { formatTable } from '../../src/cli/format-table.js';

test('text stands to the left, numbers to the right, and no line ends in blanks', () => {
  const text = formatTable(
    ['name', 'rows'],
    [
      ['users', '5'],
      ['entries', '20,000'],
      ['', ''],
    ],
  );
  expect(text.split('\n')).toEqual([
    '  name       rows',
    '  -------  ------',
    '  users         5',
    '  entries  20,000',
    '',
  ]);
});

test('a column with one text among numbers is text', () => {
  expect(formatTable(['n'], [['1'], ['none']])).toBe('  n\n  ----\n  1\n  none');
});

test('negative numbers and decimals are numbers', () => {
  expect(formatTable(['amount'], [['-1.5'], ['1,000.25']])).toBe(
    '  amount\n  --------\n      -1.5\n  1,000.25'.replace('  amount', '    amount'),
  );
});

test('without rows there is a heading', () => {
  expect(formatTable(['one', 'two'], [])).toBe('  one  two\n  ---  ---');
});

test('a row that is too short or too long does no harm', () => {
  expect(formatTable(['a', 'b'], [['x'], ['y', 'z', 'more']]).split('\n')).toHaveLength(4);
});

test('a value with a line break or a control character stays on its line', () => {
  const lines = formatTable(['a', 'b'], [['one\ntwo', '\u001b[31mred']]).split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[2]).not.toContain('\u001b');
});
