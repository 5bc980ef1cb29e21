import type { ExportType } from '../../../model/request.js';
import { exportTypes } from '../../../model/request.js';
import { coded } from '../answers.js';
import { isCurrency } from '../data/money.js';
import type { Answer, Exchange, Handler } from '../exchange.js';
import type { JobRequest, JobSubject, Schedule } from '../job.js';
import { jsonBody, notValid } from './json-body.js';
import { submitJob } from './submit-job.js';

const DEFAULT_TYPES: readonly ExportType[] = ['forecast', 'forecast_updated'];
const CRM_TYPES: readonly ExportType[] = ['crm_total', 'crm_closed'];

/** `POST /export/forecast/{forecastId}` */
export const createForecastExport: Handler = async (exchange, forecastId) => {
  const { world, holder } = exchange;
  const { settings, files } = world;
  const body = await jsonBody(exchange);
  if (forecastId === '') return refused(exchange, 'missing_forecast_id', 'A forecast id is required.');
  if (files.forecast(forecastId) === undefined) {
    return refused(exchange, 'no_such_forecast_config', `There is no forecast with the id ${forecastId}.`);
  }
  if (holder?.optedIn === false) {
    const message = `The user is not opted in to the forecast ${forecastId} in this scope.`;
    return coded(exchange, { status: 401, code: 'no_optin', namespace: 'fcw', message });
  }
  const request = body.fields && requestFrom(forecastId, body.fields, exchange);
  if (request === undefined) return refused(exchange, 'bad_request', notValid(body.text));
  const crmTypes = request.typesToExport.filter((type) => CRM_TYPES.includes(type));
  if (settings.refuseCrmTypes && crmTypes.length > 0) {
    return refused(exchange, 'type_not_supported', `Not supported by the Export API: ${crmTypes.join(', ')}.`);
  }
  const subject: JobSubject = { kind: 'forecast', request };
  if (request.exportFormat === 'CSV' && files.rowCount(subject) > settings.csv.maxRows) {
    return refused(exchange, 'bad_request', 'The format CSV is not available for an export of this size and type.');
  }
  return submitJob(exchange, subject, settings.variants.createStatus);
};

const refused = (exchange: Exchange, code: string, message: string): Answer =>
  coded(exchange, { status: 400, code, namespace: 'fcw', message });

/** Undefined for a request that Clari refuses as a bad one. */
function requestFrom(
  forecastId: string,
  given: Readonly<Record<string, unknown>>,
  { world: { settings } }: Exchange,
): JobRequest | undefined {
  const { timePeriod, typesToExport = DEFAULT_TYPES, scopeId = null, currency = null } = given;
  const { includeHistorical = false, schedule = 'NONE', exportFormat = 'JSON' } = given;
  if (!isTypes(typesToExport) || typeof includeHistorical !== 'boolean') return undefined;
  if (!isTextOrNull(scopeId) || !isTextOrNull(currency) || (currency !== null && !isCurrency(currency)))
    return undefined;
  if (!isSchedule(schedule) || (exportFormat !== 'JSON' && exportFormat !== 'CSV')) return undefined;
  // No refusal: whatever is not a known period means the current one, and nothing in the answer says so.
  const known = settings.timePeriods.find((period) => period === timePeriod);
  return {
    forecastId,
    scopeId,
    timePeriod: known ?? settings.currentTimePeriod,
    typesToExport,
    currency,
    includeHistorical,
    exportFormat,
    schedule,
  };
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const isSchedule = (value: unknown): value is Schedule => value === 'NONE' || value === 'ONCE' || value === 'MAX';

const isTypes = (value: unknown): value is readonly ExportType[] =>
  Array.isArray(value) && value.length > 0 && value.every((type) => exportTypes.some((known) => known === type));
