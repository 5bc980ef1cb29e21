import type { ExportType } from '../../../model/request.js';
import type { Quarter, Week } from './calendar.js';
import { unordered, weeks } from './calendar.js';
import type { Cut } from './cut.js';
import type { Money, NumberForm } from './money.js';
import { INTEGER_ABOVE_DOUBLE, SIXTEEN_DIGITS, currencyCode } from './money.js';
import type { ForecastShape } from './shape.js';

/** What the records of one file depend on. */
export interface RecordPlan {
  readonly shape: ForecastShape;
  readonly quarter: Quarter;
  readonly types: ReadonlySet<ExportType>;
  readonly currency: string | null;
  readonly includeHistorical: boolean;
  readonly seed: number;
  readonly numbers: NumberForm;
  readonly cut: Cut;
}

/** Index of the field whose entries hold a quota and nothing else. */
export const QUOTA_FIELD = 3;

export interface Entry {
  readonly userSlot: number;
  readonly field: number;
  readonly week: Week;
  /** Place in the block of the whole history: what the features of the data and the seeds of its values go by. */
  readonly trait: number;
}

/** Entries of one user, those that the plan leaves out skipped. `among`: how many of the user's entries exist at all. */
export function* entriesOfUser(
  plan: RecordPlan,
  userSlot: number,
  among = plan.shape.entriesPerUser,
): Generator<Entry, void, undefined> {
  const ordered = weeks(plan.quarter, plan.shape.weeks);
  const shuffled = unordered(ordered);
  const last = ordered.at(-1);
  for (let index = 0; index < among; index += 1) {
    const week = shuffled[index % shuffled.length];
    if (week === undefined || (!plan.includeHistorical && week !== last)) continue;
    const trait = userSlot * plan.shape.entriesPerUser + index;
    yield { userSlot, field: Math.floor(index / shuffled.length), week, trait };
  }
}

/** Sum of `recordsOf` over all entries that the plan does not leave out. */
export function recordCount(plan: RecordPlan, recordsOf: (entry: Entry) => number): number {
  const { entries, entriesPerUser } = plan.shape;
  if (entries === 0) return 0;
  const ofUser = (among: number): number =>
    [...entriesOfUser(plan, 0, among)].reduce((sum, entry) => sum + recordsOf(entry), 0);
  return Math.floor(entries / entriesPerUser) * ofUser(entriesPerUser) + ofUser(entries % entriesPerUser);
}

/** Undefined: the entry has no such amount; null: it is empty. */
export function moneyOf(plan: RecordPlan, type: ExportType, trait: number): Money | null | undefined {
  if (plan.cut.cells && trait % 3 === 2) return undefined;
  const drawn = (which: number): Money => ({ salt: trait * 8 + which });
  switch (type) {
    case 'forecast':
      if (trait % 101 === 4) return null;
      if (trait === 5) return { exactly: SIXTEEN_DIGITS };
      if (trait === 8) return { exactly: INTEGER_ABOVE_DOUBLE };
      return drawn(0);
    case 'quota':
      return trait % 97 === 6 ? undefined : drawn(1);
    case 'adjustment':
      return drawn(2);
    case 'crm_total':
      return drawn(3);
    case 'crm_closed':
      return drawn(4);
    case 'forecast_updated':
      return undefined;
  }
}

/** Of the entries in five lists; in a flat file all have an adjustment. */
export const isAdjusted = (trait: number): boolean => trait % 4 === 1;
export const isUpdated = (trait: number): boolean => trait % 7 !== 3;

/** One in 89 has none: half of these lack the key, half have null. */
export function currencyOf(plan: RecordPlan, trait: number): string | null | undefined {
  if (trait % 178 === 2) return undefined;
  return trait % 178 === 7 ? null : currencyCode(trait, plan.currency);
}
