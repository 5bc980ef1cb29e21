import { expect, test } from 'vitest';
import { addedSince, rememberSubmitted } from '../../src/activities/submitted-jobs.js';

const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `job-${from + index}`);

test('a set of jobs is the same in any order', () => {
  const before = rememberSubmitted(ids(5));
  expect(addedSince(before, ids(5).reverse())).toEqual([]);
});

test('what came is told, whatever left, though the number is the same', () => {
  const before = rememberSubmitted(ids(1000));
  expect(addedSince(before, ids(1000, 2))).toEqual(['job-1000', 'job-1001']);
  expect(addedSince(before, ids(998, 2))).toEqual([]);
  expect(addedSince(rememberSubmitted([]), ['first'])).toEqual(['first']);
});

test('of thousands of jobs it is known only whether something changed', () => {
  const before = rememberSubmitted(ids(2001));
  expect(before.marks).toBeNull();
  expect(addedSince(before, ids(2001))).toEqual([]);
  expect(addedSince(before, ids(2002))).toBeUndefined();
});

test('two thousand jobs fit into a payload', () => {
  expect(JSON.stringify(rememberSubmitted(ids(2000))).length).toBeLessThan(12 * 1024);
});
