import { quoteLiteral } from '../duckdb/sql.js';

/** `jane@corp.example`, anywhere; in an address on the web perhaps `jane%40corp.example`. */
const EMAIL = '[^\\s@](@|%40)[^\\s@]+\\.[^\\s@]{2,}';

/** Whether it is worth while to look for an e-mail address: most texts have no such sign, and patterns are slow. */
export const mayHaveEmailSql = (text: string): string => `(contains(${text}, '@') OR contains(${text}, '%'))`;

export const hasEmailSql = (text: string): string => `regexp_matches(${text}, ${quoteLiteral(EMAIL)})`;

/**
 * A number with its country's code (`+44 20 7946 0958`), or ten digits in three groups (`(415) 555-0100`). Digits alone are ids, and
 * days have groups of other lengths.
 */
const PHONE =
  '(^|[^\\w+])\\+[1-9]([ ().-]{0,2}[0-9]){6,14}($|[^\\w])|' +
  '(^|[^\\w.-])(\\([0-9]{3}\\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}($|[^\\w-])';

export const hasPhoneSql = (text: string): string => `regexp_matches(${text}, ${quoteLiteral(PHONE)})`;
