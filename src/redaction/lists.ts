/** The lists of a forecast export, by Clari's names, in the order of the tables that they become. */
export const listNames = ['entries', 'users', 'fields', 'timePeriods', 'timeFrames'] as const;
export type ListName = (typeof listNames)[number];

/** The rows of a CSV, beside the lists of a file in JSON. */
export const CSV_ROWS = 'rows';
export type SourceList = ListName | typeof CSV_ROWS;
