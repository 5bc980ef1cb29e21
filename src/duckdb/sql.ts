/** A name as an SQL identifier, whatever is in it. */
export function quoteIdentifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`;
}

/** A text as an SQL string literal. DuckDB reads no backslash escapes in it. For values of the export bind parameters instead. */
export function quoteLiteral(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`;
}

/** SQL goes to DuckDB as a C string: a NUL would end the statement early, and what is left may well be valid. */
function withoutNul(text: string): string {
  if (text.includes('\0')) throw new RangeError('A NUL character can not stand in SQL.');
  return text;
}
