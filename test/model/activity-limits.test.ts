import { describe, expect, test } from 'vitest';
import {
  activityLimits,
  checkLimitOverrides,
  limitBounds,
  limitsOf,
  type ActivityLimits,
  type LimitedActivity,
} from '../../src/model/activity-limits.js';

const activities = Object.keys(activityLimits) as LimitedActivity[];
const bounds = Object.entries(limitBounds) as [keyof ActivityLimits, readonly [number, number]][];

test('the table keeps its own bounds, and no attempt is longer than all of them', () => {
  for (const activity of activities) {
    const limits: ActivityLimits = activityLimits[activity];
    expect([activity, checkLimitOverrides({ [activity]: limits })]).toEqual([activity, []]);
    expect(limits.startToClose).toBeLessThanOrEqual(limits.scheduleToClose);
    expect(limits.retryInitial).toBeLessThanOrEqual(limits.retryMaximum);
    expect(limits.heartbeat).toBeGreaterThanOrEqual(60);
  }
});

describe('an operator’s limits', () => {
  test('are taken at both ends of their bounds', () => {
    for (const [limit, [least, most]] of bounds) {
      expect(checkLimitOverrides({ downloadExport: { [limit]: least } })).toEqual([]);
      expect(checkLimitOverrides({ downloadExport: { [limit]: most } })).toEqual([]);
    }
  });

  test.each(bounds)('are refused outside of them: %s', (limit, [least, most]) => {
    for (const seconds of [least - 1, most + 1, 0, -1, String(least), null, true, [least], Number.NaN, Infinity]) {
      expect(checkLimitOverrides({ downloadExport: { [limit]: seconds } })).toEqual([
        `downloadExport.${limit}: must be a number of seconds from ${least} to ${most}`,
      ]);
    }
  });

  test('are checked all at once', () => {
    const faults = checkLimitOverrides({
      awaitExport: { startToClose: 1, timeout: 5, scheduleToStart: 60 },
      awaitexport: {},
      toString: {},
      verifyAuth: 30,
      redactExport: [],
    });
    expect(faults).toEqual([
      'awaitExport.startToClose: must be a number of seconds from 10 to 86400',
      'awaitExport.timeout: no such limit; there are startToClose, scheduleToClose, scheduleToStart, heartbeat, retryInitial, retryMaximum',
      'awaitExport.scheduleToStart: any worker may take this activity; the limit is one of those for staged bytes',
      expect.stringContaining('awaitexport: no such activity; there are verifyAuth, listForecasts,'),
      expect.stringContaining('toString: no such activity'),
      'verifyAuth: must be an object',
      'redactExport: must be an object',
    ]);
  });

  test.each([[[]], [null], [7], ['{}'], [true]])('must be an object: %j', (overrides) => {
    expect(checkLimitOverrides(overrides)).toEqual([expect.stringContaining('must be a JSON object like')]);
  });

  test('change what they name and nothing else', () => {
    const limits = limitsOf('awaitExport', { awaitExport: { scheduleToClose: 43_200 }, verifyAuth: { heartbeat: 90 } });
    expect(limits).toEqual({ ...activityLimits.awaitExport, scheduleToClose: 43_200 });
    for (const activity of activities) expect(limitsOf(activity, {})).toEqual(activityLimits[activity]);
  });

  test('never make a longest wait that is shorter than the first', () => {
    expect(limitsOf('verifyAuth', { verifyAuth: { retryInitial: 300 } })).toMatchObject({
      retryInitial: 300,
      retryMaximum: 300,
    });
  });
});
