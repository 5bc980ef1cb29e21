import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';
import { DECIMAL_SCALE } from '../../model/tables.js';
import { DATA_TYPE } from '../source-fields.js';

/** `$`, `US$`, `€`, or a code of three letters. */
const CURRENCY = '[A-Z]{0,3}\\p{Sc}|[A-Z]{3}';
/** Digits, which may be in groups of three, and a point. */
const NUMBER = `(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d{1,${DECIMAL_SCALE}})?`;
const BLANK = '[ \\x{00A0}]?';
const MONEY = `^(\\(?)(-?)(${CURRENCY}|)${BLANK}(-?)(${NUMBER})${BLANK}(${CURRENCY}|)(\\)?)$`;
const parts = ['opening', 'minus', 'before', 'inner', 'digits', 'after', 'closing'] as const;

/** One to three digits and three after the point: some write thousands so. */
const THOUSANDS = '[1-9]\\d{0,2}\\.\\d{3}';

/** A text taken apart as an amount, as a struct; its `digits` are empty where it is none. */
const partsSql = (text: string): string =>
  `regexp_extract(trim(${text}), ${quoteLiteral(MONEY)}, [${parts.map(quoteLiteral).join(', ')}])`;

/** `sql` of the parts, where they are an amount beyond doubt: one sign of each kind at most, and none but a number's own point. */
const ofMoneySql = (text: string, sql: string): string =>
  `list_transform([${partsSql(text)}], lambda part: CASE WHEN part.digits <> '' ` +
  `AND (part.opening = '') = (part.closing = '') AND (part.before = '' OR part.after = '') ` +
  `AND length(part.opening || part.minus || part.inner) <= 1 ` +
  `AND NOT regexp_full_match(part.digits, ${quoteLiteral(THOUSANDS)}) THEN ${sql} END)[1]`;

/** The plain number of the amount that a text writes, such as `$3,000,190.00`, `-$5` or `($5.00)`; null for any other text. */
export const moneyTextSql = (text: string): string =>
  ofMoneySql(
    text,
    `CASE WHEN part.opening || part.minus || part.inner = '' THEN '' ELSE '-' END || replace(part.digits, ',', '')`,
  );

/** The sign or code of its currency. */
export const moneySymbolSql = (text: string): string => ofMoneySql(text, `nullif(part.before || part.after, '')`);

/** A value, where its row's type tells of updates. */
export const updatedTextSql = (text: string): string =>
  `CASE WHEN suffix(${quoteIdentifier(DATA_TYPE)}, 'Updated') THEN ${text} END`;

export const updatedSql = (text: string): string => `CASE ${text} WHEN 'Yes' THEN true WHEN 'No' THEN false END`;

/** A day as MM/DD/YYYY, perhaps without its zeros; null where it is none. */
export const americanDaySql = (text: string): string =>
  `CASE WHEN regexp_full_match(${text}, '\\d{1,2}/\\d{1,2}/\\d{4}') THEN CAST(try_strptime(${text}, '%m/%d/%Y') AS DATE) END`;

/** A whole number; null where it is none. */
export const wholeNumberSql = (text: string): string =>
  `CASE WHEN regexp_full_match(${text}, '-?\\d{1,19}') THEN TRY_CAST(${text} AS BIGINT) END`;
