import { afterEach, expect, test, vi } from 'vitest';
import { ProgressLine } from '../../src/cli/progress-line.js';

afterEach(() => vi.restoreAllMocks());

function said(isTTY: boolean, quiet = false): string {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  const before = process.stderr.isTTY;
  process.stderr.isTTY = isTTY;
  try {
    const line = new ProgressLine({ quiet });
    for (const percent of [0, 1, 2, 26]) line.say(`splitting ${percent} %`, `splitting ${percent - (percent % 25)} %`);
    line.end();
  } finally {
    process.stderr.isTTY = before;
  }
  return text;
}

test('a terminal shows one line that changes, and goes at the end', () => {
  const [clear, ...rest] = said(true).split('\r\u001b[2K');
  expect([clear, ...rest]).toEqual(['', 'splitting 0 %', 'splitting 1 %', 'splitting 2 %', 'splitting 26 %', '']);
});

test('a pipe gets few lines, and nobody any who wants quiet', () => {
  expect(said(false)).toBe('splitting 0 %\nsplitting 25 %\n');
  expect(said(true, true) + said(false, true)).toBe('');
});
