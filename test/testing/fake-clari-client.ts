import { onTestFinished } from 'vitest';
import { request } from 'undici';
import type { FakeClari, FakeClariOptions } from '../../src/testing/index.js';
import { startFakeClari } from '../../src/testing/index.js';

export const TOKEN = 'token-of-noor';
export const OTHER_TOKEN = 'token-of-tomas';

export async function startFake(options: FakeClariOptions): Promise<FakeClari> {
  const fake = await startFakeClari({
    tokens: [
      { token: TOKEN, userId: 40_112 },
      { token: OTHER_TOKEN, userId: 40_007 },
    ],
    ...options,
  });
  onTestFinished(() => fake.close());
  return fake;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** The body as JSON, an empty object if it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface PlainRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function ask(
  url: string,
  { method = 'GET', headers = {}, body }: PlainRequest = {},
): Promise<PlainAnswer> {
  const answer = await request(url, { method, headers: { ...headers }, body: body ?? null });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const isJson = answer.headers['content-type'] === 'application/json' && bytes.length > 0;
  const parsed: unknown = isJson && method !== 'HEAD' ? tryJson(bytes.toString('utf8')) : {};
  return { status: answer.statusCode, headers: answer.headers, bytes, body: parsed as PlainAnswer['body'] };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Asks the API with a token. */
export const call = (fake: FakeClari, path: string, options: PlainRequest = {}, token = TOKEN): Promise<PlainAnswer> =>
  ask(`${fake.apiUrl}${path}`, { ...options, headers: { apikey: token, ...options.headers } });

/** Posts to the API; the body is JSON, or text as it is. */
export const post = (fake: FakeClari, path: string, body: unknown, token = TOKEN): Promise<PlainAnswer> =>
  call(
    fake,
    path,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    token,
  );

export const create = (fake: FakeClari, body: unknown = {}, forecastId = 'emea_bookings', token = TOKEN) =>
  post(fake, `/export/forecast/${forecastId}`, body, token);

/** Makes a job for whatever export, sets it done and fetches its file, in the published dialect. */
export async function exported(
  fake: FakeClari,
  path: string,
  body: unknown,
): Promise<PlainAnswer & { readonly jobId: string }> {
  const jobId = String((await post(fake, path, body)).body['jobId']);
  fake.jobs.update(jobId, { state: 'done' });
  return { ...(await call(fake, `/export/jobs/${jobId}/results`)), jobId };
}

/** Makes a job and sets it done; gives its id. */
export async function finishedJob(fake: FakeClari, body: unknown = {}): Promise<string> {
  const jobId = String((await create(fake, body)).body['jobId']);
  fake.jobs.update(jobId, { state: 'done' });
  return jobId;
}

/** A fresh link to the result of a finished job, as the brief dialect gives it. */
export const freshLink = async (fake: FakeClari, jobId: string): Promise<string> =>
  String((await call(fake, `/export/jobs/${jobId}`)).body['downloadUrl']);
