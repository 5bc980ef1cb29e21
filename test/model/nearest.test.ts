import { expect, test } from 'vitest';
import { nearest } from '../../src/model/nearest.js';

const ids = ['net_arr', 'renewals', 'q1'];

test.each([
  ['net_ar', 'net_arr'],
  ['NetARR', 'net_arr'],
  ['net-arr', 'net_arr'],
  ['netarrr', 'net_arr'],
  ['renewal', 'renewals'],
  ['reneawls', 'renewals'],
  ['q2', 'q1'],
])('%s is near %s', (text, meant) => {
  expect(nearest(text, ids)).toBe(meant);
});

test.each(['', 'arr', 'renew', 'pipeline', 'q23', '日本'])('%j is near nothing', (text) => {
  expect(nearest(text, ids)).toBeUndefined();
});

test('the nearest of several is taken', () => {
  expect(nearest('net_arr_2', ['net_arr', 'net_arr_3', 'net_arr2'])).toBe('net_arr2');
  expect(nearest('x', [])).toBeUndefined();
});

test('a very long text is compared without a very long wait', () => {
  expect(nearest('a'.repeat(2_000_000), ids)).toBeUndefined();
});
