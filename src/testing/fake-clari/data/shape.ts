/** How the records of a forecast spread over people, fields and weeks. */
export interface ForecastShape {
  readonly entries: number;
  readonly users: number;
  readonly entriesPerUser: number;
  readonly weeks: number;
  readonly fields: number;
}

const DEFAULT_ENTRIES_PER_USER = 40;
/** Above it the template of a block, which is held in memory, would grow large. */
const MAX_ENTRIES_PER_USER = 500;
export const MAX_ENTRIES = 100_000_000;

export function forecastShape(forecastId: string, entries: number, users?: number): ForecastShape {
  if (!Number.isInteger(entries) || entries < 0 || entries > MAX_ENTRIES) {
    throw new RangeError(`forecast ${forecastId}: entries must be an integer from 0 to ${MAX_ENTRIES}`);
  }
  const people = users ?? Math.max(3, Math.ceil(entries / DEFAULT_ENTRIES_PER_USER));
  const least = Math.ceil(entries / MAX_ENTRIES_PER_USER);
  if (!Number.isInteger(people) || people < least || people > MAX_ENTRIES / 10) {
    throw new RangeError(`forecast ${forecastId}: users must be an integer from ${least} to ${MAX_ENTRIES / 10}`);
  }
  const entriesPerUser = people === 0 ? 0 : Math.max(1, Math.ceil(entries / people));
  const weeks = Math.min(13, Math.max(2, Math.ceil(entriesPerUser / 4)));
  return { entries, users: people, entriesPerUser, weeks, fields: Math.max(1, Math.ceil(entriesPerUser / weeks)) };
}
