import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/http/retry-after.js';

const date = 'Thu, 15 Oct 2026 10:30:00 GMT';
const now = Date.parse('2026-10-15T12:30:00Z');

describe('Retry-After (fault 10)', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['no time at all', { 'retry-after': '0' }, 1_000],
    ['a negative time', { 'retry-after': '-30' }, 1_000],
    ['years', { 'retry-after': '99999999999' }, 600_000],
    ['a date, by the clock of the answer', { 'retry-after': 'Thu, 15 Oct 2026 10:30:20 GMT', date }, 20_000],
    ['a date that is past', { 'retry-after': 'Thu, 15 Oct 2026 09:00:00 GMT', date }, 1_000],
    ['a date, by our clock where the answer has none', { 'retry-after': 'Thu, 15 Oct 2026 12:31:00 GMT' }, 60_000],
    ['a date far away', { 'retry-after': 'Thu, 15 Oct 2099 10:30:20 GMT', date }, 600_000],
    ['several values: the first', { 'retry-after': ['3', '9'] }, 3_000],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('takes %s', (_, headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected);
  });
});
