const DAY_MS = 24 * 60 * 60_000;

/** A moment with its zone, as ISO 8601 has it. */
export interface IsoTime {
  /** Epoch milliseconds. */
  readonly time: number;
  /** Where its day begins in its zone, epoch milliseconds. */
  readonly dayStart: number;
}

const DATE = /^(\d{4}-\d{2}-\d{2})$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** A date with time of day and zone; undefined for anything else, and for a day that no calendar has. */
export function isoDateTime(value: unknown): IsoTime | undefined {
  const match = typeof value === 'string' ? DATE_TIME.exec(value) : null;
  const [text = '', day = '', , , zone = ''] = match ?? [];
  if (match === null || isoDate(day) === undefined) return undefined;
  const [time, dayStart] = [Date.parse(text), Date.parse(`${day}T00:00:00${zone}`)];
  return Number.isNaN(time) || Number.isNaN(dayStart) ? undefined : { time, dayStart };
}

/** First and last moment of a day in UTC, the last one exclusive; undefined for anything but a date. */
export function isoDate(value: unknown): { readonly from: number; readonly to: number } | undefined {
  if (typeof value !== 'string' || !DATE.test(value)) return undefined;
  const from = Date.parse(`${value}T00:00:00Z`);
  // Some impossible days would be taken for others: 30 February for 2 March.
  const exists = !Number.isNaN(from) && new Date(from).toISOString().startsWith(value);
  return exists ? { from, to: from + DAY_MS } : undefined;
}

/** The end of the day that begins at `dayStart`. */
export const dayEnd = (dayStart: number): number => dayStart + DAY_MS;
