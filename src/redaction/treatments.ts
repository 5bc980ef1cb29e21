import type { ColumnModel, ColumnType } from '../model/tables.js';

/** What is hashed apart: the same text as an e-mail, a name and an id gives three different pseudonyms. */
export const hashDomains = ['email', 'name', 'id'] as const;
export type HashDomain = (typeof hashDomains)[number];

/** Calendar periods, in UTC; weeks begin on Monday. */
export const periods = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Period = (typeof periods)[number];

/** What becomes of a column's values (treatment-docs.ts tells what each leaves). */
export type Treatment =
  | {
      readonly kind: 'keep' | 'tag' | 'drop' | 'mask' | 'truncate' | 'known-user-id' | 'brief-email' | 'brief-name';
    }
  | { readonly kind: 'hmac'; readonly domain: HashDomain }
  /** Of amounts. */
  | { readonly kind: 'bucket'; readonly step: number }
  /** Of dates and instants. */
  | { readonly kind: 'period'; readonly period: Period };

export type TreatmentKind = Treatment['kind'];

export const SMALLEST_STEP = 2;

const always = ['keep', 'tag', 'drop'] as const;
const byType: Readonly<Record<ColumnType, readonly TreatmentKind[]>> = {
  text: [...always, 'hmac', 'mask', 'truncate', 'known-user-id', 'brief-email', 'brief-name'],
  decimal: [...always, 'bucket'],
  date: [...always, 'period'],
  timestamp: [...always, 'period'],
  int64: always,
  boolean: always,
};

/** Whether Clari gave the quarter and the currency that were asked for is told from the landed values of these. */
const comparedWithTheRequest = new Set([
  'forecast_entries.time_period_id',
  'forecast_entries.currency_code',
  'forecast_time_periods.time_period_id',
]);

/** The treatments that a column can take, and why no others. `place` is `table.column`. */
export function takenBy(
  place: string,
  { name, type, sensitivity }: ColumnModel,
): { readonly kinds: readonly TreatmentKind[]; readonly since: string } {
  if (comparedWithTheRequest.has(place))
    return { kinds: ['keep', 'tag'], since: 'what came is compared with what was asked for by it' };
  if (name === 'extra') return { kinds: always, since: 'it holds JSON' };
  if (type === 'text' && sensitivity === 'commercial') return { kinds: always, since: 'it holds amounts as text' };
  return { kinds: byType[type], since: `its type is ${type}` };
}

/** What is wrong with treating a column so, after "it"; undefined where nothing is. */
export function treatmentFault(place: string, column: ColumnModel, treatment: Treatment): string | undefined {
  const { kinds, since } = takenBy(place, column);
  if (!kinds.includes(treatment.kind)) return `takes ${kinds.join(', ')} alone, since ${since}`;
  if (treatment.kind !== 'bucket' || (Number.isSafeInteger(treatment.step) && treatment.step >= SMALLEST_STEP))
    return undefined;
  return `takes a bucket whose step is a whole number of at least ${SMALLEST_STEP}`;
}
