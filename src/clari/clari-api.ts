import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { header } from '../http/headers.js';
import { ExportError } from '../model/export-error.js';
import type { Secret } from '../secrets/port.js';
import {
  cancelAnswer,
  createdAnswer,
  faultyPlaces,
  forecastsAnswer,
  jobAnswer,
  jobsAnswer,
  limitsAnswer,
  linkAnswer,
} from './answers.js';
import { parseBaseUrl, type BaseUrl } from './base-url.js';
import { makesJob, nameOf, send, type Answer, type Call } from './call.js';
import { ClariError } from './clari-error.js';
import { organisationsIn } from './error-envelope.js';
import { parseJson } from './json.js';
import type { ClariApi, ClariForecast, ClariJob, ClariLimits, CreateForecastExport, DownloadLink } from './port.js';
import { isTokenRefusal, jobRefusal, refusal } from './refusal.js';
import { ServerClock } from './server-clock.js';

export interface ClariApiOptions {
  /** With its version prefix: `https://api.clari.com/v4`. */
  readonly baseUrl: string;
  /** Read at each call; when Clari refuses it, it is forgotten and read once more. */
  readonly token: Secret;
  /** Every answer that names an organisation must name this one. Default: any. */
  readonly orgId?: string | undefined;
  readonly dispatcher: Dispatcher;
  /** Bound on one call from start to end, in milliseconds. Default 30 000. */
  readonly requestTimeoutMs?: number;
  /** Hosts (`host` or `host:port`) beside loopback that may be called over plain http. Default none. */
  readonly allowInsecure?: readonly string[];
}

/**
 * Clari's revenue API in both of its dialects, told apart by the shape of each answer.
 * @throws ExportError `ConfigurationInvalid` for a base URL that can not be used
 */
export function createClariApi(options: ClariApiOptions): ClariApi {
  return new HttpClariApi(options);
}

const MAX_LIST_BYTES = 64 * 1024 * 1024;

class HttpClariApi implements ClariApi {
  readonly #base: BaseUrl;
  readonly #options: ClariApiOptions;
  readonly #clock = new ServerClock();

  constructor(options: ClariApiOptions) {
    this.#base = parseBaseUrl(options.baseUrl, options.allowInsecure);
    this.#options = options;
  }

  now(): number {
    return this.#clock.now();
  }

  limits(signal: AbortSignal): Promise<ClariLimits | undefined> {
    return unlessMissing(this.#get('/admin/limits', limitsAnswer, signal));
  }

  forecasts(signal: AbortSignal): Promise<readonly ClariForecast[] | undefined> {
    return unlessMissing(this.#get('/export/forecast/list', forecastsAnswer, signal));
  }

  async createForecastExport(request: CreateForecastExport, signal: AbortSignal): Promise<{ readonly jobId: string }> {
    const { forecastId, timePeriod, typesToExport, scopeId, currency, includeHistorical } = request;
    const body = {
      ...(timePeriod === null ? {} : { timePeriod }),
      typesToExport,
      ...(scopeId === null ? {} : { scopeId }),
      ...(currency === null ? {} : { currency }),
      // Clari's own retries on top of ours would multiply jobs.
      schedule: 'NONE',
      includeHistorical,
      exportFormat: 'JSON',
    };
    return this.#read({ method: 'POST', path: `/export/forecast/${segment(forecastId)}`, body }, createdAnswer, signal);
  }

  async job(jobId: string, signal: AbortSignal): Promise<ClariJob> {
    try {
      return await this.#get(`/export/jobs/${segment(jobId)}`, jobAnswer, signal);
    } catch (error) {
      throw error instanceof ClariError ? jobRefusal(error, jobId) : error;
    }
  }

  jobs(signal: AbortSignal): Promise<readonly ClariJob[]> {
    return this.#read({ method: 'GET', path: '/export/jobs', maxBytes: MAX_LIST_BYTES }, jobsAnswer, signal);
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<'cancelled' | 'finished'> {
    const call: Call = { method: 'PATCH', path: `/export/jobs/${segment(jobId)}`, body: { type: 'CANCEL' } };
    try {
      const { successful } = await this.#read(call, cancelAnswer, signal);
      if (successful !== false) return 'cancelled';
    } catch (error) {
      if (!(error instanceof ClariError && error.code === 'export_failed_to_cancel')) throw error;
    }
    // It has ended, by a request to cancel it perhaps whose answer was lost.
    const { state } = await this.job(jobId, signal);
    return state === 'cancelled' || state === 'aborted' ? 'cancelled' : 'finished';
  }

  async resultLink(jobId: string, signal: AbortSignal): Promise<DownloadLink> {
    const path = `/export/jobs/${segment(jobId)}`;
    const url = await this.#get(path, linkAnswer, signal);
    if (url === undefined) {
      const apikey = await this.#token();
      return hidden({
        url: `${this.#base.origin}${this.#base.prefix}${path}/results`,
        headers: { apikey },
        foreign: false,
      });
    }
    if (!URL.canParse(url)) {
      throw new ClariError(
        'ClariAnswerUnreadable',
        `Clari’s answer to GET ${path} holds a download address that is no URL.`,
      );
    }
    return hidden({ url, headers: {}, foreign: true });
  }

  #get<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#read({ method: 'GET', path }, schema, signal);
  }

  async #read<T>(call: Call, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const answer = await this.#authorized(call, signal);
    this.#clock.learn(answer.headers);
    const success = answer.status >= 200 && answer.status < 300;
    const json = parseJson(answer.text);
    this.#checkOrganisation(call, answer.status, json, success);
    if (!success) throw refusal({ name: nameOf(call), makesJob: makesJob(call) }, answer);
    // An answer without a body says that it is done, which is all that a cancellation wants to know.
    const parsed = schema.safeParse(answer.text === '' && call.method === 'PATCH' ? {} : json);
    if (parsed.success) return parsed.data;
    throw unreadable(
      call,
      answer,
      json === undefined ? 'is no JSON' : `has an unknown shape at ${faultyPlaces(parsed.error)}`,
    );
  }

  /** Sends the call; if Clari refuses the token and another one is kept by now, sends it once more. A refused call did nothing. */
  async #authorized(call: Call, signal: AbortSignal): Promise<Answer> {
    const { dispatcher, requestTimeoutMs = 30_000 } = this.#options;
    const line = { base: this.#base, dispatcher, requestTimeoutMs };
    const token = await this.#token();
    const answer = await send(line, call, token, signal);
    if (!isTokenRefusal(answer)) return answer;
    this.#options.token.forget(token);
    const replaced = await this.#token();
    return replaced === token ? answer : send(line, call, replaced, signal);
  }

  /** @throws ClariError, which tells whoever makes a job that none was made: nothing is sent, or it was refused before */
  async #token(): Promise<string> {
    const { token } = this.#options;
    const value = await token.read().catch((error: unknown) => {
      throw error instanceof ExportError ? new ClariError(error.type, error.message) : error;
    });
    // undici would refuse it too, in words that can hold it.
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw new ClariError('SecretUnavailable', `The secret ${token.reference} holds characters that no token has.`);
    }
    return value;
  }

  #checkOrganisation(call: Call, status: number, json: unknown, success: boolean): void {
    const { orgId } = this.#options;
    const stranger = orgId === undefined ? undefined : organisationsIn(json).find((found) => found !== orgId);
    if (stranger === undefined) return;
    throw new ClariError(
      'WrongOrganisation',
      `Clari answered ${nameOf(call)} for another organisation than ${orgId}.`,
      {
        status,
        outcomeUnknown: success && makesJob(call),
      },
    );
  }
}

/** Not every tenant has every endpoint. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClariError && (error.status === 404 || error.status === 405)) return undefined;
    throw error;
  }
}

/** One step of a path. Dots alone would name another endpoint. */
function segment(id: string): string {
  if (id === '' || id === '.' || id === '..')
    throw new ExportError('InvalidInput', 'An id is empty or consists of dots.');
  return encodeURIComponent(id);
}

function unreadable(call: Call, { status, headers }: Answer, what: string): ClariError {
  const type = header(headers, 'content-type')?.split(';')[0]?.trim() ?? '';
  const sent = /^[\w.+-]{1,40}\/[\w.+-]{1,60}$/.test(type) ? ` (${type})` : '';
  return new ClariError('ClariAnswerUnreadable', `Clari’s answer to ${nameOf(call)}, ${status}${sent}, ${what}.`, {
    status,
    outcomeUnknown: makesJob(call),
  });
}

/** A link that does not print itself: neither into a log nor, by mistake, into an activity's result. */
function hidden(link: DownloadLink): DownloadLink {
  const { url, headers, foreign } = link;
  return Object.defineProperties({ foreign } as DownloadLink, {
    url: { value: url, enumerable: false },
    headers: { value: headers, enumerable: false },
  });
}
