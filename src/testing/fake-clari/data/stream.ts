import type { PatchSeeds } from './block-template.js';
import { seedFrom } from './random.js';
import type { RecordRange } from './record-list.js';

/** Before this moment nothing ever happened: 2020-01-01. */
export const STREAM_START = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;
const MAX_PER_DAY = 10_000_000;

/**
 * Things that happened one after the other since `STREAM_START`, without an end, `perDay` of them a day. The same ones in every
 * window that holds them. Their features repeat after `slots`, so that what has a feature can be counted without a look at each.
 */
export interface Stream {
  readonly name: string;
  readonly perDay: number;
  readonly slots: number;
}

/** From the first to, but not including, the second moment; epoch milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** @throws RangeError with the option's name */
export function checkPerDay(option: string, perDay: number): void {
  if (!Number.isInteger(perDay) || perDay < 0 || perDay > MAX_PER_DAY) {
    throw new RangeError(`${option} must be an integer from 0 to ${MAX_PER_DAY}`);
  }
}

/** When number `n` happened. Every fifth one shares the moment of the one before. */
export const momentOf = ({ perDay }: Stream, n: number): number =>
  STREAM_START + Math.floor(((n % 5 === 1 ? n - 1 : n) * DAY_MS) / perDay);

/** Which of the things in `kept` slots (ascending) happened in a window: the first one, and how many. */
export function keptRange(stream: Stream, { from, to }: Window, kept: readonly number[]): RecordRange {
  const before = (time: number): number => {
    const n = firstSince(stream, time);
    const slot = n % stream.slots;
    return Math.floor(n / stream.slots) * kept.length + kept.filter((one) => one < slot).length;
  };
  if (stream.perDay === 0 || to <= from) return { first: 0, count: 0 };
  const first = before(from);
  return { first, count: before(to) - first };
}

/** Seeds of a stream's values. The people in it are others than those of the forecasts. */
export const streamSeeds = (stream: Stream, seed: number): PatchSeeds => ({
  file: seedFrom(stream.name, seed),
  people: seedFrom(`people of ${stream.name}`, seed),
  moment: (block, slot) => momentOf(stream, block * stream.slots + slot),
});

/** Number of the first one that happened at `time` or later. */
function firstSince(stream: Stream, time: number): number {
  if (time <= STREAM_START) return 0;
  let n = Math.ceil(((time - STREAM_START) * stream.perDay) / DAY_MS);
  while (n > 0 && momentOf(stream, n - 1) >= time) n -= 1;
  while (momentOf(stream, n) < time) n += 1;
  return n;
}
