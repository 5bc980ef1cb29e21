import { CHECKSUM_HEX_DIGITS } from '../model/checksum.js';
import type { ColumnModel } from '../model/tables.js';
import { quoteIdentifier } from './sql.js';
import { duckdbType } from './types.js';

/** What the checksum needs to know of a column. */
export type ChecksumColumn = Pick<ColumnModel, 'name' | 'type'>;

/**
 * The content checksum of one row (model/checksum.ts) as an SQL expression of type BIGINT over columns of the model's types.
 * @param filled columns that have a value in some row, of the others nothing is computed. Default all
 */
export function rowChecksumSql(columns: readonly ChecksumColumn[], filled?: ReadonlySet<string>): string {
  const fields = columns.map((column) => (filled?.has(column.name) === false ? "':'" : fieldSql(column)));
  const text = columns.length === 0 ? "''" : `concat(${fields.join(', ')})`;
  return `CAST('0x' || left(md5(${text}), ${CHECKSUM_HEX_DIGITS}) AS BIGINT)`;
}

/** The content checksum of a table as an SQL aggregate of type VARCHAR; `'0'` for no rows. */
export function tableChecksumSql(columns: readonly ChecksumColumn[], filled?: ReadonlySet<string>): string {
  // Sums of BIGINT are HUGEINT: exact far beyond any number of rows.
  return `CAST(coalesce(sum(${rowChecksumSql(columns, filled)}), 0) AS VARCHAR)`;
}

function fieldSql(column: ChecksumColumn): string {
  const text = canonicalTextSql(column);
  // Of a null, concat leaves the colon alone. DuckDB's length counts code points (length_grapheme and strlen count other things).
  return `length(${text}), ':', ${text}`;
}

function canonicalTextSql({ name, type }: ChecksumColumn): string {
  const column = quoteIdentifier(name);
  switch (type) {
    case 'text':
      return column;
    case 'int64':
    case 'date':
      return `CAST(${column} AS VARCHAR)`;
    case 'boolean':
      return `CASE ${column} WHEN true THEN '1' WHEN false THEN '0' END`;
    case 'decimal': {
      // DuckDB counts with 64-bit decimals several times as fast as with 128-bit ones, and most amounts fit.
      const narrow = `TRY_CAST(${column} AS DECIMAL(18,9))`;
      const wide = `CASE WHEN ${column} IS NOT NULL THEN ${wideBillionthsSql(`CAST(${column} AS ${duckdbType('decimal')})`)} END`;
      return `coalesce(CAST(${narrowBillionthsSql(narrow)} AS VARCHAR), ${wide})`;
    }
    case 'timestamp':
      // epoch_us of an infinite timestamp is null, which would make it equal to a missing one.
      return `coalesce(CAST(epoch_us(${column}) AS VARCHAR), CAST(${column} AS VARCHAR))`;
  }
}

/** Through the text: times a billion would overflow 38 digits. The integer, which holds them all, drops the leading zeros. */
const wideBillionthsSql = (decimal: string): string =>
  `CAST(CAST(replace(CAST(${decimal} AS VARCHAR), '.', '') AS HUGEINT) AS VARCHAR)`;

/** Of a DECIMAL(18,9), as BIGINT. What stands behind the point has nine digits, which a double holds exactly. */
function narrowBillionthsSql(decimal: string): string {
  const whole = `trunc(${decimal})`;
  return `CAST(${whole} AS BIGINT) * 1000000000 + CAST(round(CAST(${decimal} - ${whole} AS DOUBLE) * 1e9) AS BIGINT)`;
}
