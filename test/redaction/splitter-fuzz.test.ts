import { describe, expect, it } from 'vitest';
import { fuzzSplitter } from './splitter-fuzz.js';

const SEED = 20261122;
const CASES = 2500;

describe('the splitter on random files', () => {
  it('agrees with JSON.parse by either engine, and refuses what is spoilt', () => {
    console.log(`splitter fuzz: seed ${SEED}`);
    const { accepted, refused, records, recordsByWasm } = fuzzSplitter(SEED, CASES);
    // Else the files were not the ones that this test is about.
    expect(accepted).toBeGreaterThan(CASES / 3);
    expect(refused).toBeGreaterThan(CASES / 3);
    expect(recordsByWasm).toBeGreaterThan(records / 4);
  });
});
