import type { ActivityFilter } from './data/activities.js';
import { activityCount, activityLists } from './data/activities.js';
import { AuditSelection } from './data/audit-file.js';
import type { AuditFilter } from './data/audit-filter.js';
import type { Cut } from './data/cut.js';
import type { ExpectedFile } from './data/expected-file.js';
import { expectedFile, expectedLists } from './data/expected-file.js';
import type { ExportFile, Lists } from './data/export-file.js';
import type { FakeForecast, FileForm, FileRequest } from './data/forecast-file.js';
import { forecastFile, forecastRows, formOf, recordPlan } from './data/forecast-file.js';
import { objectOfLists } from './data/framing.js';
import type { Settings } from './options.js';

/** What an export's file holds. */
export interface FileContents {
  readonly contentType: string;
  /** Records of the main list, before anything is cut off. */
  rows(): number;
  file(cut: Cut): ExportFile;
  expected(cut: Cut): ExpectedFile;
}

const JSON_TYPE = 'application/json';

/** @throws RangeError for a malformed period */
export function forecastContents(forecast: FakeForecast, request: FileRequest, settings: Settings): FileContents {
  const { seed, csv } = settings;
  const form = tenantsForm(forecast, request, settings);
  return {
    contentType: form === 'csv' ? csv.mediaType : JSON_TYPE,
    rows: () => forecastRows(recordPlan(forecast, request, seed), form),
    file: (cut) => forecastFile(forecast, recordPlan(forecast, request, seed, { cut }), seed, form),
    expected: (cut) => expectedFile(forecast, request, seed, { form, cut }),
  };
}

function tenantsForm(forecast: FakeForecast, request: FileRequest, { csv, variants }: Settings): FileForm {
  const form = formOf(forecast, request);
  if (form === 'csv' && csv.content === 'csv') return form;
  return variants.results === 'rows' ? 'rows' : forecast.shape;
}

export const activityContents = (filter: ActivityFilter, { seed, activitiesPerDay }: Settings): FileContents =>
  listContents(
    () => activityCount(activitiesPerDay, filter),
    (cut) => activityLists(activitiesPerDay, seed, filter, cut),
  );

export function auditContents(filter: AuditFilter, { seed, audit }: Settings): FileContents {
  const selection = new AuditSelection(audit, seed, filter);
  const { first, count } = selection.range;
  return listContents(
    () => count,
    (cut) => selection.lists({ first, count: Math.min(count, cut.rows) }, cut),
  );
}

const listContents = (rows: () => number, listsOf: (cut: Cut) => Lists): FileContents => ({
  contentType: JSON_TYPE,
  rows,
  file: (cut) => objectOfLists(listsOf(cut), false),
  expected: (cut) => {
    const lists = listsOf(cut);
    return expectedLists(objectOfLists(lists, false), lists);
  },
});
