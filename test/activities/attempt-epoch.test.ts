import { expect, test } from 'vitest';
import { attemptEpoch } from '../../src/activities/attempt-epoch.js';
import { ExportError } from '../../src/model/export-error.js';

test('fault 14: each attempt has a higher epoch than those before it, whatever a clock says', () => {
  const inOrder = [
    { activityId: '1', attempt: 1, currentAttemptScheduledTimestampMs: 3_000 },
    { activityId: '1', attempt: 2, currentAttemptScheduledTimestampMs: 2_000 },
    { activityId: '1', attempt: 3_000_000, currentAttemptScheduledTimestampMs: 2_500 },
    { activityId: '2', attempt: 1, currentAttemptScheduledTimestampMs: 1_000 },
    { activityId: '10', attempt: 1, currentAttemptScheduledTimestampMs: 500 },
  ];
  const epochs = inOrder.map(attemptEpoch);
  expect([...new Set(epochs)].sort((a, b) => a - b)).toEqual(epochs);
});

test('an epoch is higher than that of an earlier version, which took the moment, and still a whole number after many activities', () => {
  expect(attemptEpoch({ activityId: '1', attempt: 1 })).toBeGreaterThan(Date.parse('2039-01-01'));
  expect(Number.isSafeInteger(attemptEpoch({ activityId: '50000', attempt: 1 }))).toBe(true);
});

test('an activity that has an id of its workflow’s own is refused', () => {
  expect(() => attemptEpoch({ activityId: 'download', attempt: 1 })).toThrow(ExportError);
});
