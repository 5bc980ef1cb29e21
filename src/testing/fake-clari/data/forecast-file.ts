import type { ExportType } from '../../../model/request.js';
import type { PatchSeeds } from './block-template.js';
import { USERS_PER_BLOCK } from './block-template.js';
import { quarter } from './calendar.js';
import { CSV_HEADER, LINE_END, csvLines, csvMembers, csvRowCount } from './csv-rows.js';
import type { Cut } from './cut.js';
import { UNCUT } from './cut.js';
import type { RecordPlan } from './entries.js';
import { recordCount } from './entries.js';
import type { ExportFile, ListName, Lists } from './export-file.js';
import { fieldMembers, fiveListEntries, flatEntries, timeFrameMembers, timePeriodMembers } from './forecast-records.js';
import { bareArray, linesUnderHeader, objectOfLists } from './framing.js';
import { jsonList, lineList } from './json-list.js';
import type { NumberForm } from './money.js';
import { userMembers } from './people.js';
import type { Member } from './pieces.js';
import { seedFrom } from './random.js';
import type { RecordList } from './record-list.js';
import { forecastShape } from './shape.js';

/** A forecast of the fake organisation. */
export interface FakeForecast {
  readonly forecastId: string;
  readonly forecastName: string;
  /** Entries with all weeks: 0 to 100 million. */
  readonly entries: number;
  /** Rows of the users list, or owners of a flat file. Default one for 40 entries, at least 3. At least one for 500 entries. */
  readonly users?: number;
  /** `five-lists`: `entries, users, fields, timePeriods, timeFrames`. `flat`: entries with the owner's name and e-mail. */
  readonly shape: 'five-lists' | 'flat';
  /** Indented by two spaces. Default false. */
  readonly pretty?: boolean;
}

/** What a file's content depends on besides its forecast and the seed. */
export interface FileRequest {
  /** `YYYY_Qn`. */
  readonly timePeriod: string;
  readonly typesToExport: readonly ExportType[];
  readonly currency: string | null;
  readonly includeHistorical: boolean;
  /** Default JSON. */
  readonly exportFormat?: 'JSON' | 'CSV';
}

/** How a forecast is written down. `csv`: the long form, one row for each data type; `rows`: the same as a bare JSON array. */
export type FileForm = FakeForecast['shape'] | 'csv' | 'rows';

/** What a request's file is written as, unless the tenant has its own ways. */
export const formOf = ({ shape }: FakeForecast, { exportFormat }: FileRequest): FileForm =>
  exportFormat === 'CSV' ? 'csv' : shape;

/** @throws RangeError for a malformed period or an impossible number of entries or users */
export function recordPlan(
  forecast: FakeForecast,
  request: FileRequest,
  seed: number,
  { numbers = 'number', cut = UNCUT }: { readonly numbers?: NumberForm; readonly cut?: Cut } = {},
): RecordPlan {
  const period = quarter(request.timePeriod);
  if (period === undefined) throw new RangeError(`timePeriod must look like 2027_Q2, not ${request.timePeriod}`);
  return {
    shape: forecastShape(forecast.forecastId, forecast.entries, forecast.users),
    quarter: period,
    types: new Set(request.typesToExport),
    currency: request.currency,
    includeHistorical: request.includeHistorical,
    seed: seedFrom('file', seed, forecast.forecastId, request.timePeriod),
    numbers,
    cut,
  };
}

/** Records of the main list, before anything is cut off. */
export function forecastRows(plan: RecordPlan, form: FileForm): number {
  if (form === 'flat') return plan.shape.entries;
  return form === 'five-lists' ? recordCount(plan, () => 1) : csvRowCount(plan);
}

/** The file of an export: the same bytes for the same arguments, everywhere and always. */
export function forecastFile(
  forecast: FakeForecast,
  plan: RecordPlan,
  seed: number,
  form: FileForm = forecast.shape,
): ExportFile {
  if (form === 'csv') {
    const lines = lineList(csvLines(plan), { first: 0, count: mainCount(plan, form) }, LINE_END, seedsOf(plan, seed));
    return linesUnderHeader(CSV_HEADER, lines, LINE_END);
  }
  const lists = forecastLists(forecast, plan, seed, form);
  const rows = lists.get('rows');
  return rows === undefined ? objectOfLists(lists, forecast.pretty ?? false) : bareArray(rows);
}

/** What the file holds, as JSON. */
export function forecastLists(forecast: FakeForecast, plan: RecordPlan, seed: number, form: FileForm): Lists {
  const pretty = forecast.pretty ?? false;
  const seeds = seedsOf(plan, seed);
  const count = mainCount(plan, form);
  const list = (records: Iterable<readonly Member[]>, of: number): RecordList =>
    jsonList(records, { first: 0, count: of }, seeds, pretty);
  if (form === 'flat') return new Map([['entries', list(flatEntries(plan), count)]]);
  if (form !== 'five-lists') return new Map([['rows', jsonList(csvMembers(plan), { first: 0, count }, seeds)]]);
  const frames = timeFrameMembers(plan);
  const fields = fieldMembers(plan.shape);
  return new Map<ListName, RecordList>([
    ['entries', list(fiveListEntries(plan), count)],
    ['users', forecastUsers(plan, seed, pretty)],
    ['fields', list(fields, fields.length)],
    ['timePeriods', list([timePeriodMembers(plan.quarter)], 1)],
    ['timeFrames', list(frames, frames.length)],
  ]);
}

/** The people of a forecast, also where its file has no users list. */
export function forecastUsers(plan: RecordPlan, seed: number, pretty = false): RecordList {
  const block = Array.from({ length: USERS_PER_BLOCK }, (_, slot) => userMembers(slot));
  return jsonList(block, { first: 0, count: plan.shape.users }, seedsOf(plan, seed), pretty);
}

const mainCount = (plan: RecordPlan, form: FileForm): number => Math.min(plan.cut.rows, forecastRows(plan, form));

const seedsOf = (plan: RecordPlan, seed: number): PatchSeeds => ({ file: plan.seed, people: seedFrom('people', seed) });
