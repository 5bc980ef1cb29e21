/**
 * Timeouts, heartbeat and retries of every activity, in seconds: the one table (the README shows it).
 *
 * Attempts are not counted: `scheduleToClose` bounds the retries. `poll` activities answer "not yet" by a benign failure that
 * names its own delay, so a long wait holds no slot and writes no events.
 */
export interface ActivityLimits {
  /** One attempt. */
  readonly startToClose: number;
  /** All attempts and the waits between them. */
  readonly scheduleToClose: number;
  /** In the queue of the one worker that has the staged bytes; then another is looked for, which fetches them again. */
  readonly scheduleToStart?: number;
  /** Silence after which an attempt counts as dead; at least a minute, since a busy machine may be silent for seconds. */
  readonly heartbeat: number;
  /** First wait between attempts; doubles. */
  readonly retryInitial: number;
  /** Longest wait between attempts. */
  readonly retryMaximum: number;
}

const minute = 60;
const hour = 60 * minute;
const quick = {
  startToClose: minute,
  scheduleToClose: 30 * minute,
  heartbeat: minute,
  retryInitial: 2,
  retryMaximum: minute,
};
const heavy = { scheduleToStart: 5 * minute, heartbeat: 2 * minute, retryInitial: 5, retryMaximum: 5 * minute };

export const activityLimits = {
  verifyAuth: quick,
  listForecasts: quick,
  startExport: { ...quick, startToClose: 3 * minute, scheduleToClose: 2 * hour, retryMaximum: 30 },
  awaitCapacity: { ...quick, scheduleToClose: 24 * hour },
  awaitExport: { ...quick, scheduleToClose: 6 * hour },
  // The time of both waits, for all types together.
  exportParts: { ...quick, startToClose: 10 * minute, scheduleToClose: 30 * hour },
  cancelExport: quick,
  downloadExport: { ...heavy, startToClose: 6 * hour, scheduleToClose: 24 * hour },
  downloadParts: { ...heavy, startToClose: 6 * hour, scheduleToClose: 24 * hour },
  redactExport: { ...heavy, startToClose: 4 * hour, scheduleToClose: 24 * hour },
  storeExport: { ...heavy, startToClose: 4 * hour, scheduleToClose: 24 * hour },
  discardStaging: { ...quick, startToClose: 5 * minute, scheduleToClose: 2 * hour, scheduleToStart: 5 * minute },
} as const satisfies Record<string, ActivityLimits>;

export type LimitedActivity = keyof typeof activityLimits;
export type ActivityLimitOverrides = { readonly [A in LimitedActivity]?: Partial<ActivityLimits> };

/** The same changes for every activity. */
export function forEveryActivity(limits: Partial<ActivityLimits>): ActivityLimitOverrides {
  return Object.fromEntries(Object.keys(activityLimits).map((activity) => [activity, limits]));
}

/** What an operator may set each limit to, in seconds, both ends included. */
export const limitBounds: { readonly [L in keyof ActivityLimits]-?: readonly [number, number] } = {
  startToClose: [10, 24 * hour],
  scheduleToClose: [10, 30 * 24 * hour],
  scheduleToStart: [10, 24 * hour],
  heartbeat: [minute, hour],
  retryInitial: [1, 10 * minute],
  retryMaximum: [1, hour],
};

/** The limits of one activity, with what the operator changed. */
export function limitsOf(activity: LimitedActivity, overrides: ActivityLimitOverrides): ActivityLimits {
  const limits = { ...activityLimits[activity], ...overrides[activity] };
  // Temporal refuses a maximum below the initial interval, and would do so in the middle of a run.
  return { ...limits, retryMaximum: Math.max(limits.retryInitial, limits.retryMaximum) };
}

/**
 * Checks overrides as read from a configuration.
 * @returns every fault, each naming the field and the rule; empty when they are good
 */
export function checkLimitOverrides(overrides: unknown): string[] {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    return ['must be a JSON object like {"awaitExport":{"scheduleToClose":43200}} (seconds)'];
  }
  return Object.entries(overrides).flatMap(([activity, limits]: [string, unknown]) => {
    if (!Object.hasOwn(activityLimits, activity)) {
      return [`${activity}: no such activity; there are ${Object.keys(activityLimits).join(', ')}`];
    }
    if (typeof limits !== 'object' || limits === null || Array.isArray(limits))
      return [`${activity}: must be an object`];
    return Object.entries(limits).flatMap(([name, seconds]: [string, unknown]) => {
      const bounds = Object.entries(limitBounds).find(([limit]) => limit === name)?.[1];
      if (!bounds) return [`${activity}.${name}: no such limit; there are ${Object.keys(limitBounds).join(', ')}`];
      if (name === 'scheduleToStart' && !Object.hasOwn(activityLimits[activity as LimitedActivity], name))
        return [`${activity}.${name}: any worker may take this activity; the limit is one of those for staged bytes`];
      const good = typeof seconds === 'number' && seconds >= bounds[0] && seconds <= bounds[1];
      return good ? [] : [`${activity}.${name}: must be a number of seconds from ${bounds[0]} to ${bounds[1]}`];
    });
  });
}
