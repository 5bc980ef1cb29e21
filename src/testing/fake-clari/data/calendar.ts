const DAY_MS = 86_400_000;

export interface Week {
  /** Its place in the quarter, from 0. */
  readonly index: number;
  readonly timeFrameId: string;
  readonly startDate: string;
  readonly endDate: string;
  /** Epoch milliseconds. */
  readonly start: number;
}

export interface Quarter {
  readonly timePeriodId: string;
  readonly label: string;
  readonly year: string;
  readonly startDate: string;
  readonly endDate: string;
  readonly start: number;
}

const isoDate = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** A fiscal quarter `YYYY_Qn`; the fiscal year of the fake organisation starts in July of the year before. Undefined if malformed. */
export function quarter(timePeriodId: string): Quarter | undefined {
  const match = /^(\d{4})_Q([1-4])$/.exec(timePeriodId);
  if (match === null) return undefined;
  const [, year = '', number = ''] = match;
  const month = 6 + (Number(number) - 1) * 3;
  const start = Date.UTC(Number(year) - 1, month, 1);
  const end = Date.UTC(Number(year) - 1, month + 3, 1) - DAY_MS;
  return { timePeriodId, label: `Quarter ${number}`, year, startDate: isoDate(start), endDate: isoDate(end), start };
}

/** The first `count` weeks in the order of time: from Wednesdays, so that the first one may start before the quarter does. */
export function weeks(of: Quarter, count: number): readonly Week[] {
  const wednesday = of.start - ((new Date(of.start).getUTCDay() + 4) % 7) * DAY_MS;
  return Array.from({ length: count }, (_, index) => {
    const start = wednesday + index * 7 * DAY_MS;
    const startDate = isoDate(start);
    return { index, timeFrameId: `TF:${startDate}`, startDate, endDate: isoDate(start + 6 * DAY_MS), start };
  });
}

/** Clari's weeks arrive in no order: the odd ones first, then the even ones. */
export function unordered<T>(items: readonly T[]): readonly T[] {
  return [...items.filter((_, index) => index % 2 === 1), ...items.filter((_, index) => index % 2 === 0)];
}
