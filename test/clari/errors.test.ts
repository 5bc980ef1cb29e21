import { afterEach, describe, expect, it } from 'vitest';
import { ClariError } from '../../src/clari/clari-error.js';
import { resultsRefusal } from '../../src/clari/refusal.js';
import { cachedSecret } from '../../src/secrets/cached-secret.js';
import { NamedSecret } from '../../src/secrets/named-secret.js';
import { parseBaseUrl } from '../../src/clari/base-url.js';
import { Closing, errorOf } from '../support/http-server.js';
import { fixedToken, JOB, reply, startClari, TOKEN } from './scripted-clari.js';

const closing = new Closing();
afterEach(() => closing.all());
const { signal } = new AbortController();

const ECHO = 'Noor Haddad sent scopeId 1905::MGR';
const request = {
  forecastId: 'emea_bookings',
  timePeriod: null,
  typesToExport: ['forecast'],
  scopeId: null,
  currency: null,
  includeHistorical: true,
} as const;

async function getError(
  ...args: Parameters<typeof startClari> extends [unknown, ...infer R] ? R : never
): Promise<ClariError> {
  const { api } = await startClari(closing, ...args);
  return clariError(errorOf(api.job(JOB, signal)));
}

async function postError(
  ...args: Parameters<typeof startClari> extends [unknown, ...infer R] ? R : never
): Promise<ClariError> {
  const { api } = await startClari(closing, ...args);
  return clariError(errorOf(api.createForecastExport(request, signal)));
}

async function clariError(work: Promise<unknown>): Promise<ClariError> {
  const error = await work;
  if (!(error instanceof ClariError)) throw error;
  expect(error.message).not.toMatch(/Noor|1905|token-of-the-test|<html/);
  expect(error.message).toMatch(/^[^\n]+\.$/);
  return error;
}

const envelope = (code: string) => ({ code, namespace: 'exports', errorId: 'e-1', message: ECHO, orgId: 733 });

describe('an answer that is no success', () => {
  it.each([
    ['a bad token', 401, { message: ECHO }, 'TokenRejected'],
    ['a user who is not opted in', 401, envelope('no_optin'), 'NotOptedIn'],
    ['somebody else’s job', 403, envelope('SWW'), 'AccessDenied'],
    ['a job that is not there', 404, { message: ECHO, request_id: 'r-1' }, 'UnknownJob'],
    ['a job that is not shown', 400, envelope('SWW'), 'UnknownJob'],
    ['no capacity', 400, { ...envelope('export_monthly_quota_reached'), source: 'Export' }, 'NoCapacity'],
    ['a forecast that does not exist', 400, envelope('no_such_forecast_config'), 'UnknownForecast'],
    ['a refused type', 400, envelope('type_not_supported'), 'RequestRefused'],
    ['a refused body', 400, envelope('bad_request'), 'RequestRefused'],
    [
      'the audit shape',
      400,
      { errors: [{ code: 'bad_date', message: ECHO, target: ECHO, status: 400 }] },
      'RequestRefused',
    ],
    [
      'the opportunity shape',
      400,
      [{ statusCode: 400, reaspnPhrase: ECHO, description: ECHO, details: ECHO }],
      'RequestRefused',
    ],
    ['too many calls', 429, { error: ECHO }, 'ClariRateLimited'],
    ['a server error', 500, envelope('internal_server_error'), 'ClariUnavailable'],
    ['a gateway’s error page', 502, '<html><body>Noor</body></html>', 'ClariUnavailable'],
    ['an empty body', 503, '', 'ClariUnavailable'],
    ['a request that took too long', 408, '', 'ClariUnavailable'],
  ])('is typed: %s', async (_, status, body, type) => {
    const error = await getError([reply(status, body)]);
    expect(error).toMatchObject({ type, status, outcomeUnknown: false });
  });

  it('keeps the code and Clari’s ids, in the message too', async () => {
    const error = await getError([reply(400, envelope('type_not_supported'))]);
    expect(error).toMatchObject({ code: 'type_not_supported', errorId: 'e-1' });
    expect(error.message).toBe(`Clari answered GET /export/jobs/${JOB} with 400 type_not_supported (errorId e-1).`);
    const gateway = await getError([reply(404, { message: ECHO, request_id: 'r-1' })]);
    expect(gateway.requestId).toBe('r-1');
    expect(gateway.message).toContain('request_id r-1');
    const audit = await getError([reply(400, { errors: [{ code: 'bad_date' }] })]);
    expect(audit.code).toBe('bad_date');
  });

  it('takes for a code or id only what looks like one', async () => {
    const error = await getError([reply(400, { code: ECHO, errorId: ECHO, request_id: `${ECHO}\n` })]);
    expect(error).toMatchObject({ code: undefined, errorId: undefined, requestId: undefined });
  });

  it('says so when it is a page of HTML', async () => {
    const error = await getError([reply(403, '<html>Noor</html>', { 'content-type': 'text/html; charset=utf-8' })]);
    expect(error.message).toContain('an HTML page');
  });

  it('of a rate limit or an outage keeps the wait that is asked for (fault 10)', async () => {
    expect(await getError([reply(429, {}, { 'retry-after': '17' })])).toMatchObject({ retryAfterMs: 17_000 });
    expect(await getError([reply(503, '', { 'retry-after': '999999' })])).toMatchObject({ retryAfterMs: 600_000 });
    expect(await getError([reply(429, {})])).toMatchObject({ retryAfterMs: undefined });
  });

  it('that redirects is not followed, and only the target’s host is named', async () => {
    const elsewhere = await startClari(closing, [reply(200, { jobId: JOB, status: 'DONE' })]);
    const location = `${elsewhere.server.origin}/login?next=hidden`;
    const error = await getError([reply(302, '', { location })]);
    expect(error).toMatchObject({ type: 'EndpointNotFound', status: 302 });
    expect(error.message).toContain(elsewhere.server.host);
    expect(error.message).not.toContain('hidden');
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('an answer that can’t be read', () => {
  it('names the endpoint and the places, and no value', async () => {
    const error = await getError([reply(200, { jobId: JOB, status: 7, startTime: ECHO, rowsTruncated: 'yes' })]);
    expect(error.type).toBe('ClariAnswerUnreadable');
    expect(error.message).toBe(
      `Clari’s answer to GET /export/jobs/${JOB}, 200 (application/json), has an unknown shape at status, startTime, rowsTruncated.`,
    );
  });

  it('of a list names the entry', async () => {
    const { api } = await startClari(closing, [reply(200, [{ jobId: JOB, status: 'DONE' }, { status: 'DONE' }])]);
    expect((await clariError(errorOf(api.jobs(signal)))).message).toContain('unknown shape at [1].');
  });

  it('is a page where JSON was due', async () => {
    const error = await getError([reply(200, '<html>Noor</html>', { 'content-type': 'text/html' })]);
    expect(error).toMatchObject({ type: 'ClariAnswerUnreadable' });
    expect(error.message).toContain('(text/html), is no JSON');
  });

  it('is one beyond the bound', async () => {
    const error = await getError([reply(200, JSON.stringify({ pad: 'x'.repeat(8 * 1024 * 1024) }))]);
    expect(error).toMatchObject({ type: 'ClariAnswerUnreadable' });
    expect(error.message).toContain('longer than 8388608 bytes');
  });

  it('is not one of the job list that is merely long', async () => {
    const jobs = [{ jobId: JOB, status: 'DONE', title: 'x'.repeat(9 * 1024 * 1024) }];
    const { api } = await startClari(closing, [reply(200, jobs)]);
    await expect(api.jobs(signal)).resolves.toHaveLength(1);
  });
});

describe('the outcome of a POST', () => {
  it.each([
    ['a server error', [reply(500, envelope('internal_server_error'))], 'ClariUnavailable'],
    ['a request that took too long', [reply(408, '')], 'ClariUnavailable'],
    ['a success without an id', [reply(200, { ok: true })], 'ClariAnswerUnreadable'],
    ['a success that is no JSON', [reply(200, '<html>Noor</html>')], 'ClariAnswerUnreadable'],
    ['a redirect', [reply(303, '', { location: '/done' })], 'EndpointNotFound'],
  ] as const)('is unknown after %s (fault 11)', async (_, replies, type) => {
    expect(await postError(replies)).toMatchObject({ type, outcomeUnknown: true });
  });

  it('is unknown when the connection breaks before or in the middle of the answer', async () => {
    const error = await postError([(response) => response.socket?.destroy()]);
    expect(error).toMatchObject({ type: 'ClariUnreachable', outcomeUnknown: true, status: undefined });
    const cut = await postError([
      (response) =>
        response.writeHead(200, { 'content-length': '99' }).write('{"jobId":', () => response.socket?.destroy()),
    ]);
    expect(cut).toMatchObject({ type: 'ClariUnreachable', outcomeUnknown: true });
  });

  it('is unknown when no answer comes in time, or the call is cancelled while under way', async () => {
    const late = await postError([() => undefined], { requestTimeoutMs: 200 });
    expect(late).toMatchObject({ type: 'ClariUnreachable', outcomeUnknown: true });
    const controller = new AbortController();
    const { api } = await startClari(closing, [() => controller.abort(new Error('cancelled'))]);
    const cancelled = await clariError(errorOf(api.createForecastExport(request, controller.signal)));
    expect(cancelled.outcomeUnknown).toBe(true);
  });

  it.each([
    ['a refusal', [reply(400, envelope('bad_request'))]],
    ['a rate limit', [reply(429, {})]],
    ['no capacity', [reply(400, envelope('export_monthly_quota_reached'))]],
    ['an unknown path', [reply(404, {})]],
  ])('is known after %s', async (_, replies) => {
    expect(await postError(replies)).toMatchObject({ outcomeUnknown: false });
  });

  it('is known when no connection came about', async () => {
    const { api, server } = await startClari(closing, [reply(200, {})]);
    await server.close();
    expect(await clariError(errorOf(api.createForecastExport(request, signal)))).toMatchObject({
      type: 'ClariUnreachable',
      outcomeUnknown: false,
    });
  });
});

describe('a GET', () => {
  it('that gets no answer is unreachable, with the host and the kind', async () => {
    const { api, server } = await startClari(closing, [() => undefined], { requestTimeoutMs: 200 });
    const error = await clariError(errorOf(api.job(JOB, signal)));
    expect(error).toMatchObject({ type: 'ClariUnreachable', outcomeUnknown: false });
    expect(error.message).toBe(`GET /export/jobs/${JOB} at ${server.host} failed: no whole answer came in time.`);
  });

  it('that is cancelled ends with the reason of the cancellation', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const { api } = await startClari(closing, [() => controller.abort(reason)]);
    expect(await errorOf(api.job(JOB, controller.signal))).toBe(reason);
  });
});

describe('a refused token (fault 13)', () => {
  const refused = reply(401, { message: ECHO });

  it('that was replaced meanwhile is replaced here, once, for the POST too', async () => {
    const { api, seen } = await startClari(closing, [refused, reply(200, { jobId: JOB })], {
      token: fixedToken('old', 'new'),
    });
    await expect(api.createForecastExport(request, signal)).resolves.toEqual({ jobId: JOB });
    expect(seen.map(({ headers }) => headers['apikey'])).toEqual(['old', 'new']);
  });

  it('that is still the same is not tried again', async () => {
    const { api, seen } = await startClari(closing, [refused]);
    expect(await clariError(errorOf(api.job(JOB, signal)))).toMatchObject({ type: 'TokenRejected' });
    expect(seen).toHaveLength(1);
  });

  it('is forgotten where it is kept for a while, so that a new one is found', async () => {
    const kept = ['old', 'new'];
    const token = cachedSecret(new NamedSecret('exec:store', () => Promise.resolve(kept.shift() ?? '')));
    const { api, seen } = await startClari(closing, [reply(200, []), refused, reply(200, [])], { token });
    await api.jobs(signal);
    await expect(api.jobs(signal)).resolves.toEqual([]);
    expect(seen.map(({ headers }) => headers['apikey'])).toEqual(['old', 'old', 'new']);
  });

  it('is tried no third time', async () => {
    const { api, seen } = await startClari(closing, [refused], { token: fixedToken('a', 'b', 'c') });
    expect(await clariError(errorOf(api.job(JOB, signal)))).toMatchObject({ type: 'TokenRejected' });
    expect(seen).toHaveLength(2);
  });

  it('is not suspected when the user is merely not opted in', async () => {
    const { api, seen } = await startClari(closing, [reply(401, envelope('no_optin'))], {
      token: fixedToken('a', 'b'),
    });
    expect(await clariError(errorOf(api.createForecastExport(request, signal)))).toMatchObject({ type: 'NotOptedIn' });
    expect(seen).toHaveLength(1);
  });

  it('with characters that no header takes is never sent nor shown', async () => {
    const { api, seen } = await startClari(closing, [reply(200, [])], { token: fixedToken(`${TOKEN}\nx: y`) });
    const error = await errorOf(api.jobs(signal));
    expect(error).toMatchObject({ type: 'SecretUnavailable' });
    expect((error as Error).message).not.toContain(TOKEN);
    expect(seen).toEqual([]);
  });
});

describe('the organisation', () => {
  it.each([
    ['a job', reply(200, { jobId: JOB, status: 'DONE', orgId: 999 })],
    ['a wrapped job', reply(200, { job: { jobId: JOB, status: 'DONE', orgId: '999' } })],
    ['an error', reply(400, { ...envelope('bad_request'), orgId: 999 })],
  ])('of %s must be the configured one', async (_, answer) => {
    const error = await getError([answer], { orgId: '733' });
    expect(error).toMatchObject({ type: 'WrongOrganisation' });
    expect(error.message).toContain('733');
  });

  it('of one job in a list must be the configured one', async () => {
    const jobs = [733, 999].map((orgId) => ({ jobId: JOB, status: 'DONE', orgId }));
    const { api } = await startClari(closing, [reply(200, jobs)], { orgId: '733' });
    expect(await clariError(errorOf(api.jobs(signal)))).toMatchObject({ type: 'WrongOrganisation' });
  });

  it('that made a job leaves the outcome open', async () => {
    expect(await postError([reply(200, { jobId: JOB, orgId: 999 })], { orgId: '733' })).toMatchObject({
      type: 'WrongOrganisation',
      outcomeUnknown: true,
    });
  });

  it('that agrees, or that nobody names, is fine', async () => {
    const job = { jobId: JOB, status: 'DONE' };
    const { api } = await startClari(closing, [reply(200, { ...job, orgId: 733 }), reply(200, job)], { orgId: '733' });
    await expect(api.job(JOB, signal)).resolves.toMatchObject({ jobId: JOB });
    await expect(api.job(JOB, signal)).resolves.toMatchObject({ jobId: JOB });
  });
});

describe('a refused result', () => {
  it.each([
    [400, { code: 'invalid_jobId' }, 'ExportExpired'],
    [410, '', 'ExportExpired'],
    [401, { message: ECHO }, 'TokenRejected'],
    [403, { code: 'SWW' }, 'AccessDenied'],
    [404, { message: ECHO }, 'EndpointNotFound'],
    [503, '<html>', 'ClariUnavailable'],
  ])('with %i is typed', (status, body, type) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    expect(resultsRefusal(status, text, {})).toMatchObject({ type, status });
  });
});

describe('the base URL', () => {
  it('keeps its prefix and loses slashes at its end', () => {
    expect(parseBaseUrl('https://gateway.example.com:8443/clari/v4//')).toEqual({
      origin: 'https://gateway.example.com:8443',
      host: 'gateway.example.com:8443',
      prefix: '/clari/v4',
    });
  });

  it.each(['http://localhost:1/v4', 'http://127.0.0.1/v4', 'http://[::1]:1/v4', 'http://clari.localhost/v4'])(
    'may be plain http on loopback: %s',
    (text) => {
      expect(parseBaseUrl(text).prefix).toBe('/v4');
    },
  );

  it('may be plain http on a host that is named', () => {
    expect(parseBaseUrl('http://fake-clari:8080/v4', ['fake-clari:8080']).host).toBe('fake-clari:8080');
    expect(() => parseBaseUrl('http://fake-clari:8081/v4', ['fake-clari:8080'])).toThrow(
      /plain http to fake-clari:8081/,
    );
  });

  it.each([
    'http://api.clari.example/v4',
    'http://127.0.0.1.evil.example/v4',
    'ftp://api.clari.example/v4',
    'https://user:not-a-real-password@api.clari.example/v4',
    'https://api.clari.example/v4?apikey=not-a-real-password',
    'not a url',
  ])('is refused without being repeated: %s', (text) => {
    let error: unknown;
    try {
      parseBaseUrl(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ type: 'ConfigurationInvalid' });
    expect((error as Error).message).not.toContain('not-a-real-password');
  });
});
