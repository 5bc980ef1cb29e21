import type { ExportType } from '../../../model/request.js';
import { exportTypes } from '../../../model/request.js';
import { USERS_PER_BLOCK } from './block-template.js';
import type { Quarter } from './calendar.js';
import type { Entry, RecordPlan } from './entries.js';
import { QUOTA_FIELD, currencyOf, entriesOfUser, isAdjusted, isUpdated, moneyOf, recordCount } from './entries.js';
import { fieldName } from './forecast-records.js';
import { moneyText, symbolOf } from './money.js';
import { MANAGER_SLOT, crmId, displayName, email, roleName } from './people.js';
import type { Member, Piece } from './pieces.js';
import { quoted } from './pieces.js';

const COLUMNS = [
  ...(['User', 'Email', 'CRM User ID', 'Role', 'Parent Role', 'Timeframe'] as const),
  ...(['Field', 'Week', 'Start Day', 'End Day', 'Data Type', 'Data Value'] as const),
] as const;

export const LINE_END = '\r\n';
export const CSV_HEADER = COLUMNS.join(',');

const DATA_TYPES: Readonly<Record<ExportType, string>> = {
  forecast: 'Forecast Value',
  forecast_updated: 'Forecast Updated',
  quota: 'Quota Value',
  adjustment: 'Adjustment Value',
  crm_total: 'CRM Total',
  crm_closed: 'CRM Closed',
};

/** A row for each user, field, week and data type; its cells as they read, not as they are written. */
type Row = Readonly<Record<(typeof COLUMNS)[number], readonly Piece[]>>;

/** Rows of the long form in the file, nothing cut off. */
export const csvRowCount = (plan: RecordPlan): number => recordCount(plan, (entry) => typesOf(plan, entry).length);

/** The lines of one block of users, without their ends. */
export function* csvLines(plan: RecordPlan): Generator<Piece[], void, undefined> {
  for (const row of rows(plan))
    yield COLUMNS.flatMap((column, index) => [...(index === 0 ? [] : [',']), ...cell(row[column])]);
}

/** The same rows as JSON objects with the names of the columns as keys. */
export function* csvMembers(plan: RecordPlan): Generator<readonly Member[], void, undefined> {
  for (const row of rows(plan)) yield COLUMNS.map((column): Member => [column, quoted(row[column])]);
}

/** RFC 4180: in quotes where it must be, quotes doubled. What patches write never needs it. */
function cell(pieces: readonly Piece[]): readonly Piece[] {
  if (!pieces.some((piece) => typeof piece === 'string' && /[",\r\n]/.test(piece))) return pieces;
  return ['"', ...pieces.map((piece) => (typeof piece === 'string' ? piece.replaceAll('"', '""') : piece)), '"'];
}

/** An entry has a row for each requested type that applies to its field, also where there is no value. */
const typesOf = ({ types }: RecordPlan, { field }: Entry): readonly ExportType[] =>
  exportTypes.filter((type) => types.has(type) && (field !== QUOTA_FIELD || type === 'quota'));

function* rows(plan: RecordPlan): Generator<Row, void, undefined> {
  for (let slot = 0; slot < USERS_PER_BLOCK; slot += 1) {
    for (const entry of entriesOfUser(plan, slot)) {
      const common = commonCells(plan, entry);
      for (const type of typesOf(plan, entry)) {
        yield { ...common, 'Data Type': [DATA_TYPES[type]], 'Data Value': dataValue(plan, type, entry.trait) };
      }
    }
  }
}

function commonCells(plan: RecordPlan, { userSlot, field, week }: Entry): Omit<Row, 'Data Type' | 'Data Value'> {
  return {
    User: displayName(userSlot),
    Email: email(userSlot),
    'CRM User ID': crmId(userSlot),
    Role: [roleName(userSlot)],
    'Parent Role': userSlot === MANAGER_SLOT ? [] : [roleName(MANAGER_SLOT)],
    Timeframe: [timeframe(plan.quarter)],
    Field: [fieldLabel(plan, field)],
    Week: [String(week.index)],
    'Start Day': [americanDate(week.startDate)],
    'End Day': [americanDate(week.endDate)],
  };
}

const timeframe = ({ year, timePeriodId }: Quarter): string => `FY${year.slice(2)} ${timePeriodId.slice(-2)}`;

/** Labels of one field differ between exports: `X / Y` here, `X & Y` there. */
const fieldLabel = ({ seed }: RecordPlan, field: number): string =>
  seed % 2 === 0 ? fieldName(field) : fieldName(field).replace(' / ', ' & ');

const americanDate = (isoDate: string): string => isoDate.replace(/^(\d+)-(\d+)-(\d+)$/, '$2/$3/$1');

function dataValue(plan: RecordPlan, type: ExportType, trait: number): readonly Piece[] {
  if (type === 'forecast_updated') return [isUpdated(trait) ? 'Yes' : 'No'];
  const money = type === 'adjustment' && !isAdjusted(trait) ? undefined : moneyOf(plan, type, trait);
  if (money === undefined || money === null) return [];
  return moneyText(plan.seed, money, symbolOf(currencyOf(plan, trait) ?? ''));
}
