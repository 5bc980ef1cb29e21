import type { ForecastTableName } from '../model/tables.js';
import type { ListName } from './lists.js';

/**
 * How a value gets from the file into its column. `text`, `decimal`, `boolean`, `day`: by the column's type. `epoch-ms`: a number of
 * milliseconds. `text-or-object`: an object lands as its JSON text. `code`, `symbol`: the member of an object; a plain string is the code.
 */
export type Reading = 'text' | 'text-or-object' | 'decimal' | 'boolean' | 'day' | 'epoch-ms' | 'code' | 'symbol';

export interface SourceColumn {
  readonly column: string;
  /** Fields of the file, by Clari's names, that the column is filled from: at most one of them in a record. */
  readonly fields: readonly string[];
  readonly reading: Reading;
}

export interface SourceTable {
  readonly table: ForecastTableName;
  readonly list: ListName;
  readonly columns: readonly SourceColumn[];
  /** Columns that tell records apart. */
  readonly naturalKey: readonly string[];
}

const from = (column: string, fields: string | readonly string[], reading: Reading = 'text'): SourceColumn => ({
  column,
  fields: typeof fields === 'string' ? [fields] : fields,
  reading,
});

/** Which fields of the file fill which columns, in both shapes of a forecast export. A field that stands nowhere here is unknown. */
export const sourceTables: readonly SourceTable[] = [
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

/** Members of object values that land in columns; others of the same object are unknown. */
export const sourceMembers: Readonly<Record<string, readonly string[]>> = { currency: ['code', 'symbol'] };

/** The fields of a list's records that the model knows. */
export function sourceFieldsOf(list: ListName): Set<string> {
  return new Set(sourceTables.filter((t) => t.list === list).flatMap((t) => t.columns.flatMap((c) => c.fields)));
}
