import { describe, expect, test } from 'vitest';
import { pollDelay } from '../../src/activities/poll-delay.js';

describe('the wait between two looks', () => {
  test('is short at first and grows by half', () => {
    expect([1, 2, 3, 4].map((look) => pollDelay(look, 60_000))).toEqual([1_000, 1_500, 2_250, 3_375]);
  });

  test('is never longer than asked for, nor shrinks, for any number of looks', () => {
    const delays = Array.from({ length: 10_000 }, (_, index) => pollDelay(index + 1, 60_000));
    expect(delays.every((delay, index) => delay <= 60_000 && delay >= (delays[index - 1] ?? 0))).toBe(true);
    expect(delays.at(-1)).toBe(60_000);
    expect(pollDelay(Number.MAX_SAFE_INTEGER, 60_000)).toBe(60_000);
  });
});
