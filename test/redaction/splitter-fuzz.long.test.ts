import { describe, expect, it } from 'vitest';
import { fuzzSplitter } from './splitter-fuzz.js';

const CASES_EACH = 25_000;
/** All take some ten minutes of a processor; CI, which runs all tests twice, has the time for two. */
const SEEDS = process.env.CI === 'true' ? 2 : 8;

describe('the splitter on hundreds of thousands of random files', () => {
  it.each(Array.from({ length: SEEDS }, (_, at) => 1 + at))(
    'agrees with JSON.parse by either engine: seed %i',
    (seed) => {
      const { accepted, refused } = fuzzSplitter(seed, CASES_EACH);
      expect(accepted + refused).toBe(CASES_EACH);
    },
    600_000,
  );
});
