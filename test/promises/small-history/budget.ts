import { expect } from 'vitest';
import type { HistorySize } from '../../support/histories.js';

const KIB = 1024;

/** The budget of one export. `events`: 120 where it waited for capacity or took the file twice. */
export function expectSmall(size: HistorySize, events: 80 | 120 = 80): void {
  expect(size.events).toBeLessThanOrEqual(events);
  expect(size.largestPayload).toBeLessThanOrEqual(16 * KIB);
  expect(size.bytes).toBeLessThanOrEqual(64 * KIB);
  // A limit that nothing could reach would prove nothing.
  expect(size.events).toBeGreaterThan(30);
  expect(size.bytes).toBeGreaterThan(8 * KIB);
}
