import type { ExportType } from '../../../model/request.js';
import { exportTypes } from '../../../model/request.js';
import { coded, ok } from '../answers.js';
import { isCurrency } from '../data/money.js';
import type { Answer, Exchange, Handler } from '../exchange.js';
import { bodyText } from '../exchange.js';
import { statusWord } from '../job-answer.js';
import type { JobRequest } from '../jobs.js';

const DEFAULT_TYPES: readonly ExportType[] = ['forecast', 'forecast_updated'];
const CRM_TYPES: readonly ExportType[] = ['crm_total', 'crm_closed'];
const SCHEDULES = ['NONE', 'ONCE', 'MAX'];

/** `POST /export/forecast/{forecastId}` */
export const createForecastExport: Handler = async (exchange, forecastId) => {
  const { world, holder, entry } = exchange;
  const { settings, files, jobs } = world;
  const body = await bodyText(exchange);
  if (forecastId === '') return refused(exchange, 'missing_forecast_id', 'A forecast id is required.');
  if (files.forecast(forecastId) === undefined) {
    return refused(exchange, 'no_such_forecast_config', `There is no forecast with the id ${forecastId}.`);
  }
  if (holder?.optedIn === false) {
    const message = `The user is not opted in to the forecast ${forecastId} in this scope.`;
    return coded(exchange, { status: 401, code: 'no_optin', namespace: 'fcw', message });
  }
  const request = requestFrom(forecastId, body ?? 'a body above 1 MiB', exchange);
  if (request === undefined) {
    // The real one may repeat what it was sent, so this one does: a client that logs messages leaks.
    return refused(exchange, 'bad_request', `The request is not valid: ${(body ?? '').slice(0, 500)}`);
  }
  const crmTypes = request.typesToExport.filter((type) => CRM_TYPES.includes(type));
  if (settings.refuseCrmTypes && crmTypes.length > 0) {
    return refused(exchange, 'type_not_supported', `Not supported by the Export API: ${crmTypes.join(', ')}.`);
  }
  if (jobs.unfinished().length >= settings.concurrentLimit || jobs.submitted().length >= settings.monthlyQuota) {
    return coded(exchange, {
      status: 400,
      code: 'export_monthly_quota_reached',
      namespace: 'exports',
      message:
        `The limit of ${settings.concurrentLimit} concurrent exports or the monthly quota of ` +
        `${settings.monthlyQuota} exports has been reached.`,
      source: 'Export',
    });
  }
  const job = jobs.create(holder?.userId ?? 0, request);
  entry.jobId = job.jobId;
  return ok({ jobId: job.jobId, ...(settings.dialect === 'brief' ? { status: statusWord('brief', job) } : {}) });
};

const refused = (exchange: Exchange, code: string, message: string): Answer =>
  coded(exchange, { status: 400, code, namespace: 'fcw', message });

/** Undefined for a request that Clari refuses as a bad one. */
function requestFrom(forecastId: string, body: string, { world: { settings } }: Exchange): JobRequest | undefined {
  const given = parsed(body);
  if (given === undefined) return undefined;
  const { timePeriod, typesToExport = DEFAULT_TYPES, scopeId = null, currency = null } = given;
  const { includeHistorical = false, schedule = 'NONE', exportFormat = 'JSON' } = given;
  if (!isTypes(typesToExport) || typeof includeHistorical !== 'boolean') return undefined;
  if (!isTextOrNull(scopeId) || !isTextOrNull(currency) || (currency !== null && !isCurrency(currency)))
    return undefined;
  if (!SCHEDULES.includes(schedule as string) || exportFormat !== 'JSON') return undefined;
  // No refusal: whatever is not a known period means the current one, and nothing in the answer says so.
  const known = settings.timePeriods.find((period) => period === timePeriod);
  return {
    forecastId,
    scopeId,
    timePeriod: known ?? settings.currentTimePeriod,
    typesToExport,
    currency,
    includeHistorical,
  };
}

/** No body at all means all defaults. */
function parsed(body: string): Record<string, unknown> | undefined {
  if (body === '') return {};
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const isTypes = (value: unknown): value is readonly ExportType[] =>
  Array.isArray(value) && value.length > 0 && value.every((type) => exportTypes.some((known) => known === type));
