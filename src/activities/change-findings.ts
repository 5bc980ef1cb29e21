import type { Measures, Snapshot } from '../destinations/port.js';
import type { Finding, Receipt } from '../model/receipt.js';

/** A change of fewer rows or amounts than this says nothing about the next ones: a quarter begins with a few and fills up. */
const FEW = 30;
const WEEK_MS = 7 * 24 * 60 * 60_000;

/** One figure of both snapshots. */
interface Pair {
  readonly of: string;
  readonly before: number;
  readonly now: number;
  /** How many times as much there may be without anything being wrong; at least 1. */
  readonly growth: number;
}

/**
 * What differs from the last snapshot by more than `percent`, or is gone.
 *
 * A fall is measured against what was there, a rise against what it would have grown to with the weeks since: a quarter's history
 * gets longer by a week every week. Where nothing was, anything may come.
 *
 * @param percent 0: nothing is too much
 */
export function changeFindings(previous: Snapshot, receipt: Receipt, measures: Measures, percent: number): Finding[] {
  if (percent === 0) return [];
  const rows = ['forecast_entries', 'forecast_users'].map((of): Pair => {
    const growth = of === 'forecast_entries' ? weeksGrowth(previous.receipt, receipt) : 1;
    return { of, before: landedIn(previous.receipt, of), now: landedIn(receipt, of), growth };
  });
  return [
    ...rows.filter((pair) => isTooMuch(pair, percent)).map((pair) => ({ ...shown(pair), changePercent: change(pair) })),
    ...amounts(previous, receipt, measures)
      .filter((pair) => isTooMuch(pair, percent))
      // An amount has no business in a history, and a sum of them is one.
      .map((pair) => ({ of: pair.of, before: null, now: null, changePercent: change(pair) })),
  ];
}

const shown = ({ of, before, now }: Pair): Pick<Finding, 'of' | 'before' | 'now'> => ({ of, before, now });

function landedIn({ tables }: Receipt, name: string): number {
  return tables.find(({ table }) => table === name)?.landed ?? 0;
}

function weeksGrowth(before: Receipt, now: Receipt): number {
  if (!now.request.includeHistorical) return 1;
  const [was, is] = [landedIn(before, 'forecast_time_frames'), landedIn(now, 'forecast_time_frames')];
  if (was > 0 && is > 0) return Math.max(1, is / was);
  // A flat file names no weeks: each since then may have brought as much as all that was there.
  return 1 + Math.ceil((Date.parse(now.capturedAt) - Date.parse(before.capturedAt)) / WEEK_MS);
}

/** Of a whole history, under one policy: a single week begins empty every week, and policies round differently. */
function amounts({ receipt: before, measures: was }: Snapshot, receipt: Receipt, is: Measures): Pair[] {
  if (was === null || !receipt.request.includeHistorical || before.policy.digest !== receipt.policy.digest) return [];
  return Object.entries(was).flatMap(([of, { values, total }]): Pair[] => {
    const now = is[of];
    if (total === null || !now || now.total === null) return [];
    // What a few sum up to says nothing; that they are gone does.
    if (values < FEW && now.values > 0) return [];
    // More amounts make a larger sum: it is the size of each that may not jump.
    return [{ of, before: Number(total), now: Number(now.total), growth: Math.max(1, now.values / values) }];
  });
}

function isTooMuch(pair: Pair, percent: number): boolean {
  const { before, now } = pair;
  if (before === 0) return false;
  if (now === 0) return true;
  return now < before ? -exactChange(pair) > percent : before >= FEW && exactChange(pair) > percent;
}

const change = (pair: Pair): number => Math.round(exactChange(pair));

function exactChange({ before, now, growth }: Pair): number {
  const expected = now < before ? before : Math.min(now, before * growth);
  return ((now - expected) / expected) * 100;
}
