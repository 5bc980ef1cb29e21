/**
 * The tables that an export becomes, identical in every destination.
 *
 * Column order is part of the content checksum (checksum.ts): append, never reorder.
 */

/** `decimal` is decimal(38, 9): exact, and the widest that every destination has. `timestamp` is UTC microseconds. No floating point. */
export type ColumnType = 'text' | 'int64' | 'decimal' | 'boolean' | 'date' | 'timestamp';

/** Digits after the point of every `decimal` column. BigQuery's NUMERIC has no more. */
export const DECIMAL_SCALE = 9;

/**
 * `person`: identifies somebody. `pseudonym`: stands for somebody. `role`: a role's title, which can name the one person who has it.
 * `commercial`: material and not public.
 */
export type Sensitivity = 'person' | 'pseudonym' | 'role' | 'commercial' | 'none';

export interface ColumnModel {
  readonly name: string;
  readonly type: ColumnType;
  readonly sensitivity: Sensitivity;
  /** One sentence for the destination's column comment: meaning and unit. */
  readonly description: string;
}

export interface TableModel {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ColumnModel[];
}

type ColumnOptions = { type?: ColumnType; sensitivity?: Sensitivity };

const column = (
  name: string,
  description: string,
  { type = 'text', sensitivity = 'none' }: ColumnOptions = {},
): ColumnModel => ({
  name,
  type,
  sensitivity,
  description,
});
const person: ColumnOptions = { sensitivity: 'person' };
const pseudonym: ColumnOptions = { sensitivity: 'pseudonym' };
const role: ColumnOptions = { sensitivity: 'role' };
const money: ColumnOptions = { type: 'decimal', sensitivity: 'commercial' };
const instant: ColumnOptions = { type: 'timestamp' };
const day: ColumnOptions = { type: 'date' };

/** Where the `brief` policy keeps fields that the model does not name; null under every policy that fails closed. */
const extra = column(
  'extra',
  'Fields that this version does not name, as a JSON object; filled by the brief policy alone.',
  {
    sensitivity: 'person',
  },
);

export const forecastTables = [
  {
    name: 'forecast_entries',
    description: 'One value row for a user, a field and a week (time frame) of a forecast.',
    columns: [
      column('time_period_id', 'Fiscal quarter, YYYY_Qn.'),
      column('time_frame_id', 'Week within the quarter; not unique across quarters.'),
      column('user_id', 'Joins to forecast_users.user_id of the same export.', pseudonym),
      column('field_id', 'Joins to forecast_fields.field_id of the same export.'),
      column('owner_name', 'Owner’s name as the policy leaves it; flat exports only.', person),
      column('owner_email', 'Owner’s e-mail as the policy leaves it; flat exports only.', person),
      column('forecast_value', 'Submitted forecast, in currency_code.', money),
      column('quota_value', 'Quota, in currency_code.', money),
      column('adjustment_value', 'Manager’s adjustment, in currency_code.', money),
      column('aggregation_total', 'CRM aggregation, in currency_code.', money),
      column('crm_total', 'CRM total, in currency_code.', money),
      column('crm_closed', 'CRM closed, in currency_code.', money),
      column('currency_code', 'ISO code; null when Clari gives none.'),
      column('currency_symbol', 'As Clari gives it.'),
      column('is_updated', 'Whether the forecast was updated in the week.', { type: 'boolean' }),
      column('updated_by', 'Who updated it.', pseudonym),
      column('updated_on', 'When it was updated, UTC.', instant),
      column('adjusted_by', 'Who adjusted it.', pseudonym),
      column('adjusted_on', 'When it was adjusted, UTC.', instant),
      extra,
    ],
  },
  {
    name: 'forecast_users',
    description: 'The people of the forecast’s hierarchy, one row for each role.',
    columns: [
      column('user_id', 'Clari’s id of a person in a role.', pseudonym),
      column('name', 'Name as the policy leaves it.', person),
      column('email', 'E-mail as the policy leaves it.', person),
      column('crm_id', 'User id in the CRM.', pseudonym),
      column('hierarchy_id', 'Role id.'),
      column('hierarchy_name', 'Role title.', role),
      column('parent_hierarchy_id', 'Role id of the manager; null at the top.'),
      column('parent_hierarchy_name', 'Role title of the manager; null at the top.', role),
      column('scope_id', 'Clari’s scope of the person.', pseudonym),
      extra,
    ],
  },
  {
    name: 'forecast_fields',
    description: 'The forecast’s value fields.',
    columns: [
      column('field_id', 'Clari’s id of the field.'),
      column('field_name', 'Label.'),
      column('field_type', 'Kind of field, as Clari gives it.'),
      extra,
    ],
  },
  {
    name: 'forecast_time_periods',
    description: 'The fiscal quarters of the export.',
    columns: [
      column('time_period_id', 'Fiscal quarter, YYYY_Qn.'),
      column('type', 'Kind of period, as Clari gives it.'),
      column('label', 'Label.'),
      column('year', 'Fiscal year, as Clari gives it (text).'),
      column('start_date', 'First day.', day),
      column('end_date', 'Last day.', day),
      column('crm_id', 'Period id in the CRM.'),
      extra,
    ],
  },
  {
    name: 'forecast_time_frames',
    description: 'The weeks of the export.',
    columns: [
      column('time_frame_id', 'Week; not unique across quarters.'),
      column('start_date', 'First day.', day),
      column('end_date', 'Last day.', day),
      extra,
    ],
  },
] as const satisfies readonly TableModel[];

export type ForecastTableName = (typeof forecastTables)[number]['name'];

/** What a CSV becomes that somebody has on disk. Export runs ask for JSON, so no destination makes it. */
export const forecastCsvTable = {
  name: 'forecast_csv_values',
  description:
    'One row for each row of a forecast’s CSV: a user, a field, a week and a type of data. It has labels in place of ids.',
  columns: [
    column('user_name', 'Name as the policy leaves it.', person),
    column('email', 'E-mail as the policy leaves it.', person),
    column('crm_id', 'User id in the CRM.', pseudonym),
    column('role', 'Role title.', role),
    column('parent_role', 'Role title of the manager; null at the top.', role),
    column('time_frame', 'Label of the period, such as a quarter or a month.'),
    column('field', 'Label of the field, which may differ between exports.'),
    column('week', 'Week within the period, from 0.', { type: 'int64' }),
    column('start_day', 'First day of the week.', day),
    column('end_day', 'Last day of the week.', day),
    column('data_type', 'What data_value is, such as Forecast Value.'),
    column('data_value', 'Value as the file writes it; null where it is empty, or the policy drops it.', {
      sensitivity: 'commercial',
    }),
    column(
      'amount',
      'The amount that data_value writes, in its currency; null where it writes none, or in doubt.',
      money,
    ),
    column('currency_symbol', 'Sign or code of the currency beside the amount; null where there is none.'),
    column('is_updated', 'Yes or No of a type that tells of updates; null for other types.', { type: 'boolean' }),
    extra,
  ],
} as const satisfies TableModel;

/** Every table that a redaction policy treats. */
export const redactedTables = [...forecastTables, forecastCsvTable] as const;

export type RedactedTableName = (typeof redactedTables)[number]['name'];

/** One row a snapshot, with the receipt. Landed with the data or not at all. */
export const exportsTable = {
  name: 'exports',
  description: 'One row for each export as landed, with the proof of what landed.',
  columns: [
    column('export_id', 'Joins to export_id of every table.'),
    column('load_id', 'Id of the load that published it.'),
    column('connection', 'Connection that asked for it.'),
    column('account', 'Account at Clari that it was made with.'),
    column('environment', 'Environment of the connection.'),
    column('forecast_id', 'Clari’s id of the forecast.'),
    column('time_period', 'Fiscal quarter of the rows; null where the file names none, or several.'),
    column('scope_id', 'Hierarchy root that was asked for; null for all.'),
    column('types_to_export', 'Types that were asked for, sorted, joined by a comma.'),
    column('currency', 'Currency that was asked for; null for Clari’s choice.'),
    column('include_historical', 'Whether every week of the quarter was asked for.', { type: 'boolean' }),
    column('job_id', 'Clari’s id of the job.'),
    column('scheduled_at', 'Scheduled time of a scheduled run, UTC; null for an ad-hoc one.', instant),
    column('captured_at', 'Start of Clari’s job, UTC: the state that the rows show.', instant),
    column('landed_at', 'When it was published, UTC.', instant),
    column('complete', 'False when it was landed in spite of a truncation.', { type: 'boolean' }),
    column('row_count', 'Rows landed in all tables.', { type: 'int64' }),
    column('policy', 'Redaction policy, name and version.'),
    column('key_version', 'Redaction key, name and version; null where none was used.'),
    column('receipt', 'The whole receipt as JSON.'),
    column(
      'measures',
      'Amounts by column, how many and their sum without signs, as JSON: the next snapshot is compared with it.',
      {
        sensitivity: 'commercial',
      },
    ),
    column(
      'key_check',
      'Tells redaction keys apart: pseudonyms of two exports compare where it is the same. Says nothing about the key.',
    ),
  ],
} as const satisfies TableModel;
