import { quoteIdentifier } from '../duckdb/sql.js';

/**
 * The column of a part's copy by which its rows are joined with other parts': what the file says of the key, before any treatment,
 * since people whom a policy makes look alike are still different people. Never in a result.
 */
export const ROW_KEY = 'row key';

export const rowKey = quoteIdentifier(ROW_KEY);

/** A row that is joined with none. */
export const NO_ROW_KEY = `CAST(NULL AS UUID)`;

export interface KeyPart {
  /** Of type text; `undefined` where the file has none. */
  readonly text: string | undefined;
  /** Rows without it may be joined too, with each other. Default false. */
  readonly optional?: boolean;
}

/** 128 bits of a hash; null where a part that is not optional is missing or empty. */
export function rowKeySql(parts: readonly KeyPart[]): string {
  if (parts.some(({ text, optional }) => text === undefined && !optional)) return NO_ROW_KEY;
  const texts = parts.map(({ text, optional }) => {
    if (text === undefined) return quotedNothing;
    const value = `nullif(${text}, '')`;
    const told = `length(${value}) || ':' || ${value}`;
    return optional ? `coalesce(${told}, ${quotedNothing})` : told;
  });
  // `||` of a null is null, and so is its hash.
  return `CAST(md5(${texts.join(' || ')}) AS UUID)`;
}

const quotedNothing = `'-'`;
