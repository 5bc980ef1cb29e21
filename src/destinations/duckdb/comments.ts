import type { ColumnModel } from '../../model/tables.js';
import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';

/** What stands at a column: meaning, unit and sensitivity. */
export const commentOf = ({ description, sensitivity }: ColumnModel): string =>
  `${description} (sensitivity: ${sensitivity})`;

/** Whether a comment is one of ours, which may be of an older version; an operator's own is left alone. */
export const isOurComment = (comment: string): boolean => /\(sensitivity: [a-z]+\)$/.test(comment);

/** The statement that comments a column of a table or view. */
export const commentStatement = (relation: string, column: ColumnModel): string =>
  `COMMENT ON COLUMN ${quoteIdentifier(relation)}.${quoteIdentifier(column.name)} IS ${quoteLiteral(commentOf(column))}`;
