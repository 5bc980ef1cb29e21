import { coded } from '../answers.js';
import type { ActivityType } from '../data/activities.js';
import { activityTypes } from '../data/activities.js';
import type { Exchange, Handler } from '../exchange.js';
import type { ActivityRequest } from '../job.js';
import { dayEnd, isoDateTime } from './iso-time.js';
import { jsonBody, notValid } from './json-body.js';
import { submitJob } from './submit-job.js';

/** `POST /export/activity`, which asks for a body. */
export const createActivityExport: Handler = async (exchange) => {
  const { fields, text } = await jsonBody(exchange);
  const request = text === '' || fields === undefined ? undefined : requestFrom(fields, exchange);
  if (request === undefined || typeof request === 'string') {
    const message = request ?? notValid(text);
    return coded(exchange, { status: 400, code: 'bad_request', namespace: 'activity', message });
  }
  return submitJob(exchange, { kind: 'activity', request }, 202);
};

/** The request, or what is wrong with it. Whole days count, both ends among them; the last one may not be over yet. */
function requestFrom(
  { activityTypes: types = null, startDate, endDate, exportFormat = 'JSON' }: Readonly<Record<string, unknown>>,
  { world: { settings } }: Exchange,
): ActivityRequest | string {
  const now = settings.now();
  const [start, end] = [isoDateTime(startDate), isoDateTime(endDate ?? new Date(now).toISOString())];
  if (startDate === undefined || startDate === null) return 'startDate is required.';
  if (start === undefined || end === undefined) return 'startDate and endDate must be dates with a time and an offset.';
  if (end.dayStart < start.dayStart) return 'endDate must not be before startDate.';
  if (types !== null && !areTypes(types)) return `activityTypes must be some of ${activityTypes.join(', ')}.`;
  if (exportFormat !== 'JSON') return 'exportFormat must be JSON.';
  return { activityTypes: types, from: start.dayStart, to: Math.min(dayEnd(end.dayStart), now) };
}

const areTypes = (value: unknown): value is readonly ActivityType[] =>
  Array.isArray(value) && value.length > 0 && value.every((type) => activityTypes.some((known) => known === type));
