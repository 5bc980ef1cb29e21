import { header, type AnswerHeaders } from '../http/headers.js';
import { retryAfterMs } from '../http/retry-after.js';
import type { FailureType } from '../model/failures.js';
import { ClariError } from './clari-error.js';
import { readErrorEnvelope, type ErrorEnvelope } from './error-envelope.js';

export interface RefusedAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** The body, or its beginning. */
  readonly text: string;
}

export interface RefusedCall {
  /** For messages: `GET /export/jobs`. */
  readonly name: string;
  /** Whether it makes a job, so that anything but a definite answer leaves its outcome unknown. */
  readonly makesJob: boolean;
}

/** The error for an answer that is no success. */
export function refusal(call: RefusedCall, { status, headers, text }: RefusedAnswer): ClariError {
  const envelope = readErrorEnvelope(text);
  const type = failureType(status, envelope.code);
  const wait = type === 'ClariRateLimited' || type === 'ClariUnavailable' ? retryAfterMs(headers) : undefined;
  return new ClariError(type, `Clari answered ${call.name} with ${what(status, headers, envelope)}.`, {
    status,
    code: envelope.code,
    errorId: envelope.errorId,
    requestId: envelope.requestId,
    outcomeUnknown: call.makesJob && !isDefinite(status),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** What became of a request for a job's result: the download knows HTTP, this knows what Clari means by it. */
export function resultsRefusal(status: number, text: string, headers: AnswerHeaders): ClariError {
  const found = refusal({ name: 'GET /export/jobs/{jobId}/results', makesJob: false }, { status, headers, text });
  // The code of a wrong id, of an unfinished job, and as far as is known of a result that is kept no longer.
  const gone = status === 410 || (status === 400 && found.code === 'invalid_jobId');
  if (!gone) return found;
  const { code, errorId, requestId } = found;
  return new ClariError('ExportExpired', found.message, { status, code, errorId, requestId });
}

/** What became of a look at a job. Clari has one code for an id that it does not know and for a job of somebody else. */
export function jobRefusal(found: ClariError, jobId: string): ClariError {
  const { status, code, errorId, requestId } = found;
  const unknown = status === 404 || (status === 400 && (code === 'SWW' || code === 'invalid_jobId'));
  if (!unknown) return found;
  return new ClariError('UnknownJob', `There is no job ${jobId} for the token's user. ${found.message}`, {
    status,
    code,
    errorId,
    requestId,
  });
}

export function isTokenRefusal({ status, text }: RefusedAnswer): boolean {
  return status === 401 && readErrorEnvelope(text).code !== NO_OPTIN;
}

const NO_OPTIN = 'no_optin';

function failureType(status: number, code: string | undefined): FailureType {
  if (status === 401) return code === NO_OPTIN ? 'NotOptedIn' : 'TokenRejected';
  if (status === 403) return 'AccessDenied';
  if (status === 404 || status === 405) return 'EndpointNotFound';
  if (status === 429) return 'ClariRateLimited';
  if (status === 408 || status >= 500) return 'ClariUnavailable';
  // One code for the monthly quota and the limit at once: only the limits endpoint tells which.
  if (code === 'export_monthly_quota_reached') return 'NoCapacity';
  if (code === 'no_such_forecast_config') return 'UnknownForecast';
  return 'RequestRefused';
}

/** A 4xx says that nothing was done, except one that means "this took too long". */
function isDefinite(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

function what(status: number, headers: AnswerHeaders, { code, errorId, requestId }: ErrorEnvelope): string {
  const page = header(headers, 'content-type')?.toLowerCase().startsWith('text/html') ? 'an HTML page' : undefined;
  const ids = [page, errorId && `errorId ${errorId}`, requestId && `request_id ${requestId}`].filter(
    (part) => part !== undefined,
  );
  return `${status}${code === undefined ? '' : ` ${code}`}${ids.length > 0 ? ` (${ids.join(', ')})` : ''}`;
}
