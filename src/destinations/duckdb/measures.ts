import { quoteIdentifier } from '../../duckdb/sql.js';
import { duckdbType } from '../../duckdb/types.js';
import type { ColumnModel } from '../../model/tables.js';
import type { Measures } from '../port.js';
import type { Cell } from './database.js';

/** A hundred thousand million amounts below it fit in a decimal's 29 digits before the point; one overflow would fail the load. */
const TOO_LARGE = `CAST('1${'0'.repeat(18)}' AS ${duckdbType('decimal')})`;

const amountsOf = (columns: readonly ColumnModel[]): readonly string[] =>
  columns.filter(({ type }) => type === 'decimal').map(({ name }) => name);

/** Aggregates that `readMeasures` reads, three for each amount column. */
export function measuresSql(columns: readonly ColumnModel[]): readonly string[] {
  return amountsOf(columns).flatMap((name) => {
    const amount = `abs(${quoteIdentifier(name)})`;
    return [
      `CAST(count(${amount}) AS VARCHAR)`,
      `CAST(count(*) FILTER (WHERE ${amount} >= ${TOO_LARGE}) AS VARCHAR)`,
      `CAST(coalesce(sum(${amount}) FILTER (WHERE ${amount} < ${TOO_LARGE}), 0) AS VARCHAR)`,
    ];
  });
}

/** Measures from the values of `measuresSql`, in its order. */
export function readMeasures(columns: readonly ColumnModel[], cells: readonly Cell[]): Measures {
  return Object.fromEntries(
    amountsOf(columns).map((name, index) => {
      const [values, tooLarge, total] = cells.slice(index * 3, index * 3 + 3);
      return [name, { values: Number(values), total: tooLarge === '0' ? (total ?? null) : null }];
    }),
  );
}
