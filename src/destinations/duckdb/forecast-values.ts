import { exportsTable, forecastTables, type ColumnModel, type TableModel } from '../../model/tables.js';
import { quoteIdentifier } from '../../duckdb/sql.js';
import { exportId } from './export-id.js';

const [entries, users, fields, periods, frames] = forecastTables;

interface ValueColumn {
  readonly sql: string;
  /** By its name in the view. */
  readonly column: ColumnModel;
}

/** A column of a table's row, `alias`, under its own name or another. */
function of(alias: string, table: TableModel, name: string, as = name): ValueColumn {
  const column = [exportId, ...table.columns].find((candidate) => candidate.name === name);
  if (!column) throw new Error(`There is no ${table.name}.${name}.`);
  return { sql: `${alias}.${quoteIdentifier(name)}`, column: { ...column, name: as } };
}

/** What a five-list export says of the user, or a flat one of the owner. */
function ofUser(name: 'name' | 'email'): ValueColumn {
  const { sql, column } = of('u', users, name, `user_${name}`);
  return { sql: `coalesce(${sql}, e.owner_${name})`, column };
}

const joined = new Set(['time_period_id', 'time_frame_id', 'user_id', 'field_id', 'owner_name', 'owner_email']);

const columns: readonly ValueColumn[] = [
  of('e', entries, 'export_id'),
  ...['connection', 'forecast_id', 'scope_id', 'captured_at'].map((name) => of('x', exportsTable, name)),
  of('e', entries, 'time_period_id'),
  of('p', periods, 'label', 'time_period_label'),
  of('p', periods, 'start_date', 'time_period_start'),
  of('p', periods, 'end_date', 'time_period_end'),
  of('e', entries, 'time_frame_id'),
  of('f', frames, 'start_date', 'week_start'),
  of('f', frames, 'end_date', 'week_end'),
  of('e', entries, 'user_id'),
  ofUser('name'),
  ofUser('email'),
  ...['hierarchy_id', 'hierarchy_name', 'parent_hierarchy_id', 'parent_hierarchy_name'].map((name) =>
    of('u', users, name),
  ),
  of('e', entries, 'field_id'),
  of('l', fields, 'field_name'),
  of('l', fields, 'field_type'),
  ...entries.columns.filter(({ name }) => !joined.has(name)).map(({ name }) => of('e', entries, name)),
];

export const valueColumns: readonly ColumnModel[] = columns.map(({ column }) => column);

/** One row for each value of `keys`, so that a join with entries repeats none of them; which one does not depend on order. */
function onePer(table: TableModel, keys: readonly string[], suffix: string): string {
  const rest = table.columns.map(({ name }) => name).filter((name) => !keys.includes(name));
  return `SELECT * FROM ${table.name}${suffix}
    QUALIFY row_number() OVER (PARTITION BY export_id, ${keys.join(', ')} ORDER BY ${rest.map(quoteIdentifier).join(', ')}) = 1`;
}

/**
 * The entries of the snapshots that `exports` lists, each with what its ids stand for.
 * @param suffix of the names under which those snapshots' rows are
 */
export const valuesQuery = (exports: string, suffix: string): string =>
  // A week's id stands in two quarters where the quarter ends in the week: of frames with the same id, the one that shares
  // most days with the entry's quarter is meant.
  `WITH
    users AS (${onePer(users, ['user_id'], suffix)}),
    fields AS (${onePer(fields, ['field_id'], suffix)}),
    periods AS (${onePer(periods, ['time_period_id'], suffix)}),
    frames AS (
      SELECT f.export_id, p.time_period_id, f.time_frame_id, f.start_date, f.end_date
      FROM forecast_time_frames${suffix} f JOIN periods p ON p.export_id = f.export_id
      QUALIFY row_number() OVER (
        PARTITION BY f.export_id, p.time_period_id, f.time_frame_id
        ORDER BY least(f.end_date, p.end_date) - greatest(f.start_date, p.start_date) DESC NULLS LAST,
          f.start_date, f.end_date
      ) = 1
    )
    SELECT ${columns.map(({ sql, column }) => `${sql} AS ${quoteIdentifier(column.name)}`).join(', ')}
    FROM forecast_entries e
    JOIN ${exports} x ON x.export_id = e.export_id
    LEFT JOIN users u ON u.export_id = e.export_id AND u.user_id = e.user_id
    LEFT JOIN fields l ON l.export_id = e.export_id AND l.field_id = e.field_id
    LEFT JOIN periods p ON p.export_id = e.export_id AND p.time_period_id = e.time_period_id
    LEFT JOIN frames f ON f.export_id = e.export_id AND f.time_period_id = e.time_period_id
      AND f.time_frame_id = e.time_frame_id`;
