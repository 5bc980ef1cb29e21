import { test } from 'vitest';
import { chaosTimeout, expectSurvived } from './chaos-run.js';

const SEED = 906;
const MINUTES = 2;

// The fake listens at an address that other systems do not have.
test.skipIf(process.platform !== 'linux')(
  'fault 27: two other minutes of all that can go wrong at once cost no job, no row and no secret',
  () => expectSurvived(SEED, MINUTES),
  chaosTimeout(MINUTES),
);
