import { test } from 'vitest';
import { chaosTimeout, expectSurvived } from './chaos-run.js';

const SEED = 102;
const MINUTES = 2;

// The fake listens at an address that other systems do not have.
test.skipIf(process.platform !== 'linux')(
  'fault 27: whatever goes wrong at once, each export spends one job and is landed once and whole, and nothing leaks',
  () => expectSurvived(SEED, MINUTES),
  chaosTimeout(MINUTES),
);
