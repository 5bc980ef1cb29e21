import type { FailureType } from '../../../src/model/failures.js';
import type { RowFromInside } from '../../support/failure-rows.js';
import { share } from '../../support/share.js';
import { failingCalls } from './failing-calls.js';
import { failingFiles } from './failing-files.js';
import type { FailureScript } from './playing.js';
import type { FailingRun } from './scripted-runs.js';

/** How each failure is brought about from outside. */
const failingRuns: Readonly<Record<Exclude<FailureType, RowFromInside>, readonly [FailingRun, ...FailingRun[]]>> = {
  ...failingCalls,
  ...failingFiles,
};

/** Of each failure the first run; in `npm run test:long` the others. */
export const failureScripts: readonly FailureScript[] = Object.entries(failingRuns).flatMap(([type, runs]) =>
  share<FailingRun>(runs, (_, at) => at === 0).map((run) => ({ type: type as keyof typeof failingRuns, ...run })),
);
