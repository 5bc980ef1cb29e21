import type { ExpectedRecord } from '../../src/testing/fake-clari/index.js';

/** Amount columns of `forecast_entries`, and the fields that fill them, in five lists and in a flat file. */
export const amountFields = {
  forecast_value: ['forecastValue', 'forecastAmount'],
  quota_value: ['quotaValue', 'quotaAmount'],
  adjustment_value: ['adjustmentValue', 'adjustmentAmount'],
  aggregation_total: ['aggregationTotal'],
  crm_total: ['crmTotal'],
  crm_closed: ['crmClosed'],
} as const;

const STEP = 1_000n;

/** Amounts of one field, week and column, as the policy `keyed` leaves them: how many and their sum. */
export interface Sum {
  readonly values: number;
  readonly total: bigint;
}

/** By field, week and column: an amount that stands in another one's place is seen. */
export type Amounts = ReadonlyMap<string, Sum>;

export const placeOf = (fieldId: unknown, timeFrameId: unknown, column: string): string =>
  JSON.stringify([fieldId ?? null, timeFrameId ?? null, column]);

/** @param records entries with amounts as exact text */
export function amountsOf(records: Iterable<ExpectedRecord>): Amounts {
  const sums = new Map<string, Sum>();
  for (const record of records)
    for (const [column, fields] of Object.entries(amountFields))
      for (const value of fields.map((field) => record[field])) {
        if (typeof value !== 'string') continue;
        add(sums, placeOf(record['fieldId'], record['timeFrameId'], column), { values: 1, total: coarse(value) });
      }
  return sums;
}

/** Of a split export each part has amounts of its own. */
export function together(parts: readonly Amounts[]): Amounts {
  const sums = new Map<string, Sum>();
  for (const part of parts) for (const [place, sum] of part) add(sums, place, sum);
  return sums;
}

/** Places at which two differ. */
export function differences(one: Amounts, other: Amounts): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((place) => {
    const [a, b] = [one.get(place), other.get(place)];
    return a?.values !== b?.values || a?.total !== b?.total;
  });
}

function add(sums: Map<string, Sum>, place: string, { values, total }: Sum): void {
  const before = sums.get(place) ?? { values: 0, total: 0n };
  sums.set(place, { values: before.values + values, total: before.total + total });
}

/** Nearest thousand, halves away from zero: below a half thousand a fraction changes nothing. */
function coarse(text: string): bigint {
  const whole = BigInt(text.replace(/^-|\..*$/g, ''));
  const nearest = ((whole + STEP / 2n) / STEP) * STEP;
  return text.startsWith('-') ? -nearest : nearest;
}
