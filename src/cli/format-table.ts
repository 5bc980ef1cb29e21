/** Columns padded with blanks under a line of headings; numbers to the right. */
export function formatTable(headings: readonly string[], values: readonly (readonly string[])[]): string {
  const rows = values.map((row) => row.map(onOneLine));
  const isNumber = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.,]*$/.test(row[column] ?? '')),
  );
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd();
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A value may hold anything, a terminal's escape sequences included. */
function onOneLine(value: string): string {
  return value.replace(/\p{Cc}/gu, ' ');
}
