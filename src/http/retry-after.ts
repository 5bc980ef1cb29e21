import { header, type AnswerHeaders } from './headers.js';

const SHORTEST_MS = 1_000;
const LONGEST_MS = 10 * 60_000;

/**
 * How long an answer asks to wait, in milliseconds, between a second and ten minutes; undefined where it does not say.
 * A date is taken relative to the answer's own `Date`, so that neither clock has to be right.
 */
export function retryAfterMs(headers: AnswerHeaders, now = Date.now()): number | undefined {
  const text = header(headers, 'retry-after');
  if (text === undefined) return undefined;
  const wait = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - sentAt(headers, now);
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(Math.ceil(wait), SHORTEST_MS), LONGEST_MS);
}

function sentAt(headers: AnswerHeaders, now: number): number {
  const date = Date.parse(header(headers, 'date') ?? '');
  return Number.isNaN(date) ? now : date;
}
