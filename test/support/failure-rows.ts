import { WorkflowFailedError } from '@temporalio/client';
import { expect } from 'vitest';
import { explainFailure } from '../../src/client/explain-failure.js';
import { failures, type FailureRow, type FailureType } from '../../src/model/failures.js';
import type { FailedActivity, Witness } from './witness.js';

/** Rows that no answer of Clari, no file and nothing else from outside a worker brings about. */
export type RowFromInside =
  // Ends the start of a worker, never a run.
  | 'ConfigurationInvalid'
  // Takes a Temporal in trouble, or a stranger under the ledger's id.
  | 'LedgerUnavailable'
  // Ends the start of a worker; a run alone under a policy that lands no file with unknown fields (private/policy-file.test.ts).
  | 'PolicyRefused'
  // Guards the package against itself.
  | 'CountsDisagree'
  // Ends an attempt that is no longer its run's own, or one of two runs that race in a single instant.
  | 'LoadSuperseded'
  // A fault of the package, and none is known.
  | 'Unexpected';

/** Rows that a workflow decides, beside the end of an activity that said nothing: no activity ends so. */
const ofWorkflows: ReadonlySet<FailureType> = new Set([
  'InvalidInput',
  'SecretInInput',
  'ExportTimedOut',
  'QuotaExhausted',
  'ExportTruncated',
  'ExportHeld',
]);

/** What a wait that ran out is told as. */
const endsOfWaits: Partial<Record<FailureType, { readonly of: FailureType; readonly says: string }>> = {
  ExportTimedOut: {
    of: 'ExportNotReady',
    says: 'The job at Clari was not finished within the time that awaitExport has:',
  },
  QuotaExhausted: { of: 'NoCapacity', says: 'No export became free within the time that awaitCapacity has:' },
};

/** What the row says is what came of the failure: for the operator, for the command line, and for Temporal. */
export function expectRow(type: FailureType, { error, activities }: Witness): void {
  const row: FailureRow = failures[type];
  const explained = explainFailure(error);
  expect(explained).toMatchObject({ type, ...row });
  // What happened, then what to do.
  expect(explained?.message).toMatch(/^\S/);
  const { remedy, ended = remedy } = row;
  const says = error instanceof WorkflowFailedError ? ended : remedy;
  expect(explained?.message.endsWith(` ${says}`)).toBe(true);

  const own = activities.filter(({ failure }) => failure?.type === type);
  const said = activities.every(({ failure }) => failure !== undefined);
  expect(own.length > 0).toBe(said && !ofWorkflows.has(type));
  for (const activity of own) {
    expect(activity.failure?.message.endsWith(` ${row.remedy}`)).toBe(true);
    expectRetried(row, activity);
  }
  const wait = endsOfWaits[type];
  if (wait) expectEndOfWait(wait, explained?.message ?? '', activities);
}

function expectRetried({ retry }: FailureRow, { failure, ownDelayMs, attempts, before }: FailedActivity): void {
  expect(failure?.nonRetryable ?? false).toBe(retry === 'never');
  expect(failure?.category === 'BENIGN').toBe(retry === 'poll');
  switch (retry) {
    case 'poll':
      expect(ownDelayMs).toBeGreaterThan(0);
      return;
    case 'soon':
      expect(attempts).toBeGreaterThan(1);
      expect(before?.type).toBe(failure?.type);
      return;
    case 'never':
      // The only one that failed so: those before it had but to wait, or died with their worker and said nothing.
      if (attempts > 1) expect(before?.category ?? 'BENIGN').toBe('BENIGN');
  }
}

function expectEndOfWait(
  { of, says }: { readonly of: FailureType; readonly says: string },
  message: string,
  activities: readonly FailedActivity[],
): void {
  expect(message.startsWith(says)).toBe(true);
  expect(message).not.toContain(failures[of].remedy);
  const waits = activities.filter(({ failure }) => failure?.type === of);
  expect(waits).not.toEqual([]);
  for (const wait of waits) expectRetried(failures[of], wait);
}
