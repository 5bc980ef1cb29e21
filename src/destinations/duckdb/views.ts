import { exportsTable, forecastTables, type TableModel } from '../../model/tables.js';
import { quoteIdentifier, quoteLiteral } from '../../duckdb/sql.js';

interface View {
  readonly name: string;
  readonly description: string;
  readonly query: string;
}

const columnsOf = (table: TableModel): string => table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');

const latestExports: View = {
  name: 'latest_exports',
  description: 'The newest complete snapshot of each thing that is asked for, by the start of Clari’s job.',
  // Partitions treat nulls as equal, which is meant: null asks for Clari's own choice.
  query: `SELECT ${columnsOf(exportsTable)} FROM exports WHERE complete
    QUALIFY row_number() OVER (
      PARTITION BY connection, forecast_id, time_period, scope_id, types_to_export, currency, include_historical
      ORDER BY captured_at DESC NULLS LAST, landed_at DESC NULLS LAST, export_id DESC
    ) = 1`,
};

const latestTables: readonly View[] = forecastTables.map((table) => ({
  name: `${table.name}_latest`,
  description: `${table.name} of the newest complete snapshots (latest_exports).`,
  query: `SELECT export_id, ${columnsOf(table)} FROM ${table.name}
    WHERE export_id IN (SELECT export_id FROM latest_exports)`,
}));

/** One row for each value of `keys`, so that a join with entries repeats none of them; which one does not depend on order. */
function onePer(table: (typeof forecastTables)[number], keys: readonly string[]): string {
  const rest = table.columns.map(({ name }) => name).filter((name) => !keys.includes(name));
  return `SELECT * FROM ${table.name}_latest
    QUALIFY row_number() OVER (PARTITION BY export_id, ${keys.join(', ')} ORDER BY ${rest.map(quoteIdentifier).join(', ')}) = 1`;
}

const [entries, users, fields, periods] = forecastTables;

const joined = new Set(['time_period_id', 'time_frame_id', 'user_id', 'field_id', 'owner_name', 'owner_email']);
const entryValues = entries.columns
  .filter(({ name }) => !joined.has(name))
  .map(({ name }) => `e.${quoteIdentifier(name)}`)
  .join(', ');

const forecastValues: View = {
  name: 'forecast_values_latest',
  description:
    'forecast_entries of the newest complete snapshots with names and dates beside the ids; as many rows as entries.',
  // A week's id stands in two quarters where the quarter ends in the week: of frames with the same id, the one that shares
  // most days with the entry's quarter is meant.
  query: `WITH
    users AS (${onePer(users, ['user_id'])}),
    fields AS (${onePer(fields, ['field_id'])}),
    periods AS (${onePer(periods, ['time_period_id'])}),
    frames AS (
      SELECT f.export_id, p.time_period_id, f.time_frame_id, f.start_date, f.end_date
      FROM forecast_time_frames_latest f JOIN periods p ON p.export_id = f.export_id
      QUALIFY row_number() OVER (
        PARTITION BY f.export_id, p.time_period_id, f.time_frame_id
        ORDER BY least(f.end_date, p.end_date) - greatest(f.start_date, p.start_date) DESC NULLS LAST,
          f.start_date, f.end_date
      ) = 1
    )
    SELECT e.export_id, x.connection, x.forecast_id, x.scope_id, x.captured_at,
      e.time_period_id, p.label AS time_period_label, p.start_date AS time_period_start, p.end_date AS time_period_end,
      e.time_frame_id, f.start_date AS week_start, f.end_date AS week_end,
      e.user_id, coalesce(u.name, e.owner_name) AS user_name, coalesce(u.email, e.owner_email) AS user_email,
      u.hierarchy_id, u.hierarchy_name, u.parent_hierarchy_id, u.parent_hierarchy_name,
      e.field_id, l.field_name, l.field_type, ${entryValues}
    FROM forecast_entries e
    JOIN latest_exports x ON x.export_id = e.export_id
    LEFT JOIN users u ON u.export_id = e.export_id AND u.user_id = e.user_id
    LEFT JOIN fields l ON l.export_id = e.export_id AND l.field_id = e.field_id
    LEFT JOIN periods p ON p.export_id = e.export_id AND p.time_period_id = e.time_period_id
    LEFT JOIN frames f ON f.export_id = e.export_id AND f.time_period_id = e.time_period_id
      AND f.time_frame_id = e.time_frame_id`,
};

const views: readonly View[] = [latestExports, ...latestTables, forecastValues];

export const viewNames: readonly string[] = views.map(({ name }) => name);

/** The statements that make all views, in the order in which they depend on each other. */
export function viewStatements(): readonly string[] {
  return views.flatMap(({ name, description, query }) => [
    `CREATE OR REPLACE VIEW ${quoteIdentifier(name)} AS ${query}`,
    `COMMENT ON VIEW ${quoteIdentifier(name)} IS ${quoteLiteral(description)}`,
  ]);
}
