import type { FailureType } from '../../../src/model/failures.js';
import { failingCalls } from './failing-calls.js';
import { failingFiles } from './failing-files.js';
import type { Provocation } from './scripted-runs.js';

/** How each failure is brought about from outside. */
export const failingRuns: Readonly<Record<FailureType, Provocation>> = { ...failingCalls, ...failingFiles };
