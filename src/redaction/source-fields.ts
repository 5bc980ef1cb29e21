import type { ForecastTableName, RedactedTableName } from '../model/tables.js';
import { CSV_ROWS, type ListName, type SourceList } from './lists.js';

/**
 * How a value gets from the file into its column. `text`, `decimal`, `boolean`, `day`: by the column's type. `epoch-ms`: a number of
 * milliseconds. `text-or-object`: an object lands as its JSON text. `code`, `symbol`: the member of an object; a plain string is the code.
 * Of a CSV's cells, `week`: a whole number; `american-day`: MM/DD/YYYY; `money`, `money-symbol`, `updated`: what a value says, where it
 * says it without doubt (csv/value-sql.ts).
 */
export type Reading =
  | ('text' | 'text-or-object' | 'decimal' | 'boolean' | 'day' | 'epoch-ms' | 'code' | 'symbol')
  | ('week' | 'american-day' | 'money' | 'money-symbol' | 'updated');

export interface SourceColumn {
  readonly column: string;
  /** Fields of the file, by Clari's names, that the column is filled from: at most one of them in a record. */
  readonly fields: readonly string[];
  readonly reading: Reading;
}

export interface SourceTable<
  Table extends RedactedTableName = RedactedTableName,
  List extends SourceList = SourceList,
> {
  readonly table: Table;
  readonly list: List;
  readonly columns: readonly SourceColumn[];
  /** Columns that tell records apart. */
  readonly naturalKey: readonly string[];
}

const from = (column: string, fields: string | readonly string[], reading: Reading = 'text'): SourceColumn => ({
  column,
  fields: typeof fields === 'string' ? [fields] : fields,
  reading,
});

/** The table that a list of a file in JSON becomes. */
export type ListTable = SourceTable<ForecastTableName, ListName>;

/** Which fields of the file fill which columns, in both shapes of a forecast export. A field that stands nowhere here is unknown. */
export const sourceTables: readonly ListTable[] = [
  {
    table: 'forecast_entries',
    list: 'entries',
    naturalKey: ['time_period_id', 'time_frame_id', 'user_id', 'field_id'],
    columns: [
      from('time_period_id', ['timePeriodId', 'timePeriod']),
      from('time_frame_id', 'timeFrameId'),
      from('user_id', 'userId'),
      from('field_id', 'fieldId'),
      from('owner_name', 'ownerName'),
      from('owner_email', 'ownerEmail'),
      from('forecast_value', ['forecastValue', 'forecastAmount'], 'decimal'),
      from('quota_value', ['quotaValue', 'quotaAmount'], 'decimal'),
      from('adjustment_value', ['adjustmentValue', 'adjustmentAmount'], 'decimal'),
      from('aggregation_total', 'aggregationTotal', 'decimal'),
      from('crm_total', 'crmTotal', 'decimal'),
      from('crm_closed', 'crmClosed', 'decimal'),
      from('currency_code', 'currency', 'code'),
      from('currency_symbol', 'currency', 'symbol'),
      from('is_updated', 'isUpdated', 'boolean'),
      from('updated_by', 'updatedBy'),
      from('updated_on', 'updatedOn', 'epoch-ms'),
      from('adjusted_by', 'adjustedBy'),
      from('adjusted_on', 'adjustedOn', 'epoch-ms'),
    ],
  },
  {
    table: 'forecast_users',
    list: 'users',
    naturalKey: ['user_id'],
    columns: [
      from('user_id', 'userId'),
      from('name', 'name'),
      from('email', 'email'),
      from('crm_id', 'crmId'),
      from('hierarchy_id', 'hierarchyId'),
      from('hierarchy_name', 'hierarchyName'),
      from('parent_hierarchy_id', 'parentHierarchyId'),
      from('parent_hierarchy_name', 'parentHierarchyName'),
      from('scope_id', 'scopeId', 'text-or-object'),
    ],
  },
  {
    table: 'forecast_fields',
    list: 'fields',
    naturalKey: ['field_id'],
    columns: [from('field_id', 'fieldId'), from('field_name', 'fieldName'), from('field_type', 'fieldType')],
  },
  {
    table: 'forecast_time_periods',
    list: 'timePeriods',
    naturalKey: ['time_period_id'],
    columns: [
      from('time_period_id', 'timePeriodId'),
      from('type', 'type'),
      from('label', 'label'),
      from('year', 'year'),
      from('start_date', 'startDate', 'day'),
      from('end_date', 'endDate', 'day'),
      from('crm_id', 'crmId'),
    ],
  },
  {
    table: 'forecast_time_frames',
    list: 'timeFrames',
    naturalKey: ['time_frame_id'],
    columns: [
      from('time_frame_id', 'timeFrameId'),
      from('start_date', 'startDate', 'day'),
      from('end_date', 'endDate', 'day'),
    ],
  },
];

export const DATA_TYPE = 'Data Type';
export const DATA_VALUE = 'Data Value';

/** The same of a CSV, whose columns are its fields. */
export const csvSource: SourceTable<'forecast_csv_values', typeof CSV_ROWS> = {
  table: 'forecast_csv_values',
  list: CSV_ROWS,
  naturalKey: ['email', 'crm_id', 'role', 'time_frame', 'field', 'week', 'start_day', 'data_type'],
  columns: [
    from('user_name', 'User'),
    from('email', 'Email'),
    from('crm_id', 'CRM User ID'),
    from('role', 'Role'),
    from('parent_role', 'Parent Role'),
    from('time_frame', 'Timeframe'),
    from('field', 'Field'),
    from('week', 'Week', 'week'),
    from('start_day', 'Start Day', 'american-day'),
    from('end_day', 'End Day', 'american-day'),
    from('data_type', DATA_TYPE),
    from('data_value', DATA_VALUE),
    from('amount', DATA_VALUE, 'money'),
    from('currency_symbol', DATA_VALUE, 'money-symbol'),
    from('is_updated', DATA_VALUE, 'updated'),
  ],
};

/** Of both. */
export const everySource: readonly SourceTable[] = [...sourceTables, csvSource];

/** Members of object values that land in columns; others of the same object are unknown. */
export const sourceMembers: Readonly<Record<string, readonly string[]>> = { currency: ['code', 'symbol'] };

/** The fields of a list's records, or the columns of a CSV, that the model knows. */
export function sourceFieldsOf(list: SourceList): Set<string> {
  return new Set(everySource.filter((t) => t.list === list).flatMap((t) => t.columns.flatMap((c) => c.fields)));
}
