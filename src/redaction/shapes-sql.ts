import { quoteLiteral } from '../duckdb/sql.js';
import { isBeyondAsciiSql } from './comparable-sql.js';

/** The sign of an address, as it is and as URLs, JSON and HTML escape it; and its wide and its small form. */
const AT = '(@|%(25)*40|\\\\u0040|&#0*64;|&#[xX]0*40;|&commat;|\uFF20|\uFE6B)';

/** `jane@corp.example`, anywhere; in an address on the web perhaps `jane%40corp.example`. */
const EMAIL = `[^\\s@]${AT}[^\\s@]+[.\uFF0E][^\\s@]{2,}`;

/** Whether it is worth while to look for an e-mail address: most texts have no such sign, and patterns are slow. */
export const mayHaveEmailSql = (text: string): string =>
  `(${['@', '%', '\\', '&'].map((sign) => `contains(${text}, ${quoteLiteral(sign)})`).join(' OR ')} ` +
  `OR (${isBeyondAsciiSql(text)} AND (contains(${text}, '\uFF20') OR contains(${text}, '\uFE6B'))))`;

export const hasEmailSql = (text: string): string => `regexp_matches(${text}, ${quoteLiteral(EMAIL)})`;

/**
 * A number with its country's code (`+44 20 7946 0958`), or ten digits in three groups (`(415) 555-0100`). Digits alone are ids, and
 * days have groups of other lengths.
 */
const PHONE =
  '(^|[^\\w+])\\+[1-9]([ ().-]{0,2}[0-9]){6,14}($|[^\\w])|' +
  '(^|[^\\w.-])(\\([0-9]{3}\\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}($|[^\\w-])';

export const hasPhoneSql = (text: string): string => `regexp_matches(${text}, ${quoteLiteral(PHONE)})`;
