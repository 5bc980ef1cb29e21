import { quoteLiteral } from '../duckdb/sql.js';
import { duckdbType } from '../duckdb/types.js';
import type { HashDomain, Period, Treatment } from './treatments.js';
import { truncateSql } from './truncate-sql.js';

/** What JavaScript's `trim` takes off, so that both sides of a join may be normalised by either. DuckDB's own default is the space alone. */
const blanks =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** `text`, a column's name, without the blanks at both ends. DuckDB takes a microsecond to trim by a list, which few texts need. */
export function trimmedSql(text: string): string {
  const perhaps =
    `right(${text}, 1) NOT BETWEEN '!' AND '~' OR ${text} < '!' ` +
    `OR ${text} >= '\u0080' AND (${text} < '\u00a1' OR ${text} >= '\u1680')`;
  return `CASE WHEN ${perhaps} THEN trim(${text}, ${quoteLiteral(blanks)}) ELSE ${text} END`;
}

/** A text as it is hashed; null for an empty one, which stands for nobody. */
export function normalisedSql(text: string, domain: HashDomain): string {
  switch (domain) {
    case 'email':
      return `nullif(nfc_normalize(lower(${trimmedSql(text)})), '')`;
    case 'name':
      return `nullif(nfc_normalize(${trimmedSql(text)}), '')`;
    case 'id':
      return `nullif(${text}, '')`;
  }
}

/** Names of the parameters that carry the key's blocks (key-blocks.ts). */
export const OUTER_BLOCK = 'outer_block';
export const innerBlock = (domain: HashDomain): string => `inner_block_${domain}`;

/** HMAC-SHA-256 of `domain NUL normalised-text`, first 32 hex digits; `normalised` is null for nothing. */
export function hmacSql(normalised: string, domain: HashDomain): string {
  const inside = `unhex(sha256($${innerBlock(domain)}::BLOB || encode(${normalised})))`;
  return `left(sha256($${OUTER_BLOCK}::BLOB || ${inside}), 32)`;
}

/** Larger amounts overflow in the arithmetic of buckets. */
const LARGEST_BUCKETED = 10n ** 28n;

/** Whether an amount is small enough for a bucket. */
export const fitsBucketSql = (amount: string): string => `abs(${amount}) < ${LARGEST_BUCKETED}::DECIMAL(38, 9)`;

/**
 * Nearest multiple of `step`, halves away from zero; null where the amount does not fit. By integers, since DuckDB divides decimals as doubles;
 * of 64 bits wherever they do, which takes a twentieth of the time that wider ones take.
 */
export function bucketSql(amount: string, step: number): string {
  const narrow = `TRY_CAST(${amount} AS DECIMAL(18, 9))`;
  // Below the middle of an even step a fraction changes nothing; that of an odd one is at a half, as where whole numbers round.
  const whole = step % 2 === 0 ? `CAST(trunc(${narrow}) AS BIGINT)` : `CAST(${narrow} AS BIGINT)`;
  const half = Math.floor(step / 2);
  const nearest = `(${whole} + CASE WHEN ${whole} < 0 THEN ${-half} ELSE ${half} END) // ${step} * ${step}`;
  const rest = `(${amount} % ${step})`;
  const wide = `${amount} - ${rest} + CASE WHEN ${rest} + ${rest} >= ${step} THEN ${step} WHEN ${rest} + ${rest} <= ${-step} THEN ${-step} ELSE 0 END`;
  return (
    `CASE WHEN ${narrow} IS NOT NULL THEN CAST(${nearest} AS DECIMAL(38, 9)) ` +
    `WHEN ${fitsBucketSql(amount)} THEN CAST(${wide} AS DECIMAL(38, 9)) END`
  );
}

/** First day, or first instant, of the period that a date or an instant is in. */
export function periodSql(value: string, period: Period, type: 'date' | 'timestamp'): string {
  return `CAST(date_trunc(${quoteLiteral(period)}, ${value}) AS ${duckdbType(type)})`;
}

/** First character and three asterisks, whatever the length; of a single character, the asterisks alone. */
function maskSql(text: string): string {
  const bare = `nullif(nfc_normalize(${trimmedSql(text)}), '')`;
  return `CASE WHEN length(${bare}) > 1 THEN left(${bare}, 1) || '***' WHEN ${bare} IS NOT NULL THEN '***' END`;
}

/** Ids that `known-user-id` keeps: a table of this name with the one column `id`. */
export const KNOWN_USER_IDS = 'known_user_ids';

/** `text` as the treatment leaves it. For texts alone: amounts, dates and instants are coarsened where they are parsed. */
export function treatedTextSql(text: string, treatment: Treatment): string {
  switch (treatment.kind) {
    case 'keep':
    case 'tag':
    case 'bucket':
    case 'period':
      return text;
    case 'drop':
      return 'NULL';
    case 'hmac':
      return hmacSql(normalisedSql(text, treatment.domain), treatment.domain);
    case 'mask':
      return maskSql(text);
    case 'truncate':
      return truncateSql(text);
    case 'known-user-id':
      return `CASE WHEN ${text} IN (SELECT id FROM ${KNOWN_USER_IDS}) THEN ${text} END`;
    case 'brief-email':
      return `left(sha256(${text}), 12) || '@redacted'`;
    case 'brief-name':
      return `'Rep-' || left(sha256(${text}), 6)`;
  }
}
