import { describe, expect, it } from 'vitest';
import { fuzzSplitter } from './splitter-fuzz.js';

const CASES_EACH = 25_000;

describe('the splitter on hundreds of thousands of random files', () => {
  it.each(Array.from({ length: 8 }, (_, at) => 1 + at))(
    'agrees with JSON.parse by either engine: seed %i',
    (seed) => {
      const { accepted, refused } = fuzzSplitter(seed, CASES_EACH);
      expect(accepted + refused).toBe(CASES_EACH);
    },
    600_000,
  );
});
