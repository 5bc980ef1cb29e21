import { describe, expect, it } from 'vitest';
import type { Dialect, FakeClari, FaultRule } from '../../src/testing/index.js';
import type { PlainAnswer } from './fake-clari-client.js';
import { OTHER_TOKEN, TOKEN, ask, call, create, finishedJob, freshLink, startFake } from './fake-clari-client.js';
import { rawAsk } from './raw-client.js';

const NOW = Date.UTC(2026, 9, 15, 10, 30, 0);
const UUID = /^[0-9a-f-]{36}$/;

const start = (faults: readonly FaultRule[], dialect: Dialect = 'published'): Promise<FakeClari> =>
  startFake({ dialect, faults, now: () => NOW });
const list = async (fake: FakeClari, token?: string): Promise<unknown[]> =>
  ((await call(fake, '/export/jobs', {}, token)).body as unknown as { jobId: string }[]).map(({ jobId }) => jobId);
const jobIdOf = (answer: PlainAnswer): string => String(answer.body['jobId']);
const limits = async (fake: FakeClari): Promise<unknown> => (await call(fake, '/admin/limits')).body['jobs'];
const anyText = expect.any(String) as unknown;

describe('an answer in the envelope', () => {
  const said = { status: 502, code: 'SWW', namespace: 'fcw', message: 'Some <thing> failed' } as const;
  it.each([
    ['none', undefined, ''],
    ['empty', 'application/json', ''],
    [
      'coded',
      'application/json',
      {
        code: 'SWW',
        namespace: 'fcw',
        errorId: expect.stringMatching(UUID) as unknown,
        message: said.message,
        orgId: 733,
      },
    ],
    ['errors', 'application/json', { errors: [{ code: 'SWW', message: said.message, status: 502 }] }],
    ['message', 'application/json', { message: said.message }],
    [
      'opportunity',
      'application/json',
      [{ statusCode: 502, reaspnPhrase: anyText, description: said.message, details: '' }],
    ],
    ['gateway-error', 'application/json', { error: said.message }],
    ['gateway-message', 'application/json', { message: said.message, request_id: anyText }],
    ['html', 'text/html; charset=utf-8', expect.stringMatching(/^<!DOCTYPE html>[^]*Some &lt;thing> failed/)],
    ['xml', 'application/xml', expect.stringContaining('<Message>Some &lt;thing> failed</Message>')],
    ['text', 'text/plain; charset=utf-8', said.message],
  ] as const)('%s', async (envelope, contentType, body) => {
    const fake = await start([{ fault: { kind: 'status', ...said, envelope } }]);
    const answer = await call(fake, '/export/jobs');
    expect([answer.status, answer.headers['content-type']]).toEqual([502, contentType]);
    const text = answer.bytes.toString('utf8');
    expect(typeof body === 'object' && contentType === 'application/json' ? JSON.parse(text) : text).toEqual(body);
    expect((await call(fake, '/export/jobs')).status).toBe(200);
  });
});

describe('a status', () => {
  it.each([
    [400, { code: 'bad_request', namespace: 'exports' }],
    [401, { message: 'An unexpected error occurred.' }],
    [403, { code: 'SWW', namespace: 'exports' }],
    [404, { message: anyText, request_id: anyText }],
    [429, { error: 'An unexpected error occurred.' }],
    [500, { message: anyText, request_id: anyText }],
  ])('of %i has the body that Clari gives it', async (status, body) => {
    const fake = await start([{ fault: { kind: 'status', status } }]);
    const answer = await call(fake, '/export/jobs');
    expect([answer.status, answer.body]).toEqual([
      status,
      status === 400 || status === 403 ? expect.objectContaining(body) : body,
    ]);
  });

  it.each([204, 304])('of %i has neither a body nor a length', async (status) => {
    const fake = await start([{ times: 2, fault: { kind: 'status', status, retryAfter: 5 } }]);
    const raw = rawAsk(`${fake.apiUrl}/export/jobs`, { headers: { apikey: TOKEN, connection: 'close' } });
    const { headers, ...head } = await raw.head();
    expect(await raw.ending()).toBe('closed');
    expect([head.status, raw.body?.length]).toEqual([status, 0]);
    for (const name of ['content-length', 'content-type', 'transfer-encoding'])
      expect(headers).not.toHaveProperty(name);
    expect(headers['retry-after']).toBe('5');
    // The connection serves another request.
    expect((await call(fake, '/export/jobs')).status).toBe(status);
    expect((await call(fake, '/export/jobs')).status).toBe(200);
  });
});

describe('a 429', () => {
  it.each([
    [undefined, undefined],
    [7, '7'],
    ['a fortnight', 'a fortnight'],
    [{ dateIn: 90 }, 'Thu, 15 Oct 2026 10:31:30 GMT'],
  ] as const)('with the Retry-After %j', async (retryAfter, header) => {
    const fault = { kind: 'status', status: 429, envelope: 'gateway-error', retryAfter } as const;
    const fake = await start([{ times: 2, fault }]);
    for (let count = 0; count < 2; count++) {
      const { status, headers } = await call(fake, '/admin/limits');
      expect([status, headers['retry-after'], headers['date']]).toEqual([429, header, 'Thu, 15 Oct 2026 10:30:00 GMT']);
    }
    expect((await call(fake, '/admin/limits')).status).toBe(200);
  });
});

describe('a request that makes a job', () => {
  it.each([
    ['lose-request', 0],
    ['lose-answer', 1],
  ] as const)('and meets %s leaves the client without an answer', async (kind, made) => {
    for (const how of ['reset', 'close'] as const) {
      const fake = await start([{ fault: { kind, how } }]);
      const answer = post(fake);
      expect([how, await answer.ending(), answer.body]).toEqual([how, how === 'reset' ? 'reset' : 'closed', undefined]);
      expect(fake.jobs.all()).toHaveLength(made);
      expect(fake.journal.jobsCreated()).toEqual(fake.jobs.all().map(({ jobId }) => jobId));
    }
  });

  it.each([
    ['lose-request', 0],
    ['lose-answer', 1],
  ] as const)('and meets %s by holding waits for ever', async (kind, made) => {
    const fake = await start([{ fault: { kind, how: 'hold' } }]);
    const answer = post(fake);
    const entry = await fake.journal.waitFor(({ jobId }) => kind === 'lose-request' || jobId !== undefined);
    expect(await list(fake)).toHaveLength(made);
    expect([answer.end, answer.body, entry.status, entry.end]).toEqual([undefined, undefined, undefined, undefined]);
    await answer.leave();
    await fake.journal.waitFor((one) => one === entry && one.end === 'broken');
  });

  it('takes effect behind a gateway page where it is told to', async () => {
    const fake = await start([{ fault: { kind: 'status', status: 504, envelope: 'html', processed: true } }]);
    const { status, headers } = await create(fake);
    expect([status, headers['content-type']]).toEqual([504, 'text/html; charset=utf-8']);
    expect(await list(fake)).toEqual(fake.journal.jobsCreated());
    expect(fake.journal.jobsCreated()).toHaveLength(1);
  });

  it('takes effect before a delay', async () => {
    const fake = await start([{ fault: { kind: 'delay', ms: 3_600_000 } }]);
    const answer = post(fake);
    const { jobId } = await fake.journal.waitFor((entry) => entry.jobId !== undefined);
    expect(await list(fake)).toEqual([jobId]);
    expect([answer.end, answer.body]).toEqual([undefined, undefined]);
    await answer.leave();
    await fake.journal.waitFor(({ end }) => end === 'broken');
  });

  it('comes late', async () => {
    const fake = await start([{ fault: { kind: 'delay', ms: 1 } }]);
    expect((await create(fake)).status).toBe(200);
    expect(fake.journal.entries[0]?.faults).toEqual(['delay']);
  });

  it.each(['first', 'second'] as const)('makes two when it is delivered twice, and hears of the %s', async (answer) => {
    const fake = await start([{ fault: { kind: 'duplicate', answer } }]);
    const told = jobIdOf(await create(fake, { timePeriod: '2027_Q1' }));
    const made = fake.jobs.all();
    expect(made.map(({ request }) => request)).toEqual([
      expect.objectContaining({ timePeriod: '2027_Q1' }),
      expect.objectContaining({ timePeriod: '2027_Q1' }),
    ]);
    expect(made[answer === 'first' ? 0 : 1]?.jobId).toBe(told);
    expect([...fake.journal.jobsCreated()].sort()).toEqual(made.map(({ jobId }) => jobId).sort());
    expect(fake.journal.entries[0]?.jobId).toBe(told);
  });
});

const post = (fake: FakeClari) =>
  rawAsk(`${fake.apiUrl}/export/forecast/emea_bookings`, { method: 'POST', headers: { apikey: TOKEN }, body: '{}' });

describe('a cancellation that is delivered twice', () => {
  it('hears of the second, which came too late', async () => {
    const fake = await start([{ fault: { kind: 'duplicate', answer: 'second' } }]);
    fake.faults.set([{ match: { endpoint: 'cancelJob' }, fault: { kind: 'duplicate', answer: 'second' } }]);
    const jobId = jobIdOf(await create(fake));
    const { status, body } = await call(fake, `/export/jobs/${jobId}`, { method: 'PATCH', body: '{"type":"CANCEL"}' });
    expect([status, body['code']]).toEqual([400, 'export_failed_to_cancel']);
    expect(fake.jobs.get(jobId)?.state).toBe('cancelled');
  });
});

describe.each(['brief', 'published'] as const)('the states of a job in the %s dialect', (dialect) => {
  it.each([false, true])(
    'come as they are scripted, for each job apart, then as they are (wrapped: %s)',
    async (wrapStatus) => {
      const words = ['STARTED', 'SCHEDULED', 'PONDERING', 'DONE'];
      const fake = await startFake({
        dialect,
        variants: { wrapStatus },
        faults: [{ fault: { kind: 'states', words } }],
      });
      const [one, other] = [await finishedJob(fake), await finishedJob(fake)];
      const read = async (jobId: string): Promise<Record<string, unknown>> => {
        const { body } = await call(fake, `/export/jobs/${jobId}`);
        return (wrapStatus ? body['job'] : body) as Record<string, unknown>;
      };
      const done = dialect === 'brief' ? 'COMPLETED' : 'DONE';
      const seen: unknown[] = [];
      for (let count = 0; count < 6; count++) {
        const job = await read(one);
        seen.push(job['status']);
        expect('downloadUrl' in job).toBe(dialect === 'brief' && count >= words.length);
        expect((await read(other))['status']).toBe(seen[count]);
      }
      expect(seen).toEqual([...words, done, done]);
    },
  );
});

describe('a job list that lags', () => {
  it.each(['brief', 'published'] as const)('has no newest job for so many reads (%s)', async (dialect) => {
    const fake = await startFake({
      dialect,
      limitsInBriefDialect: true,
      faults: [{ times: 2, fault: { kind: 'job-list-lag', newest: 2, inLimits: true } }],
    });
    const stranger = jobIdOf(await create(fake, {}, undefined, OTHER_TOKEN));
    const mine = [jobIdOf(await create(fake)), jobIdOf(await create(fake))];
    const listed = async (): Promise<unknown[]> => {
      const { body } = await call(fake, '/export/jobs');
      const jobs = dialect === 'brief' ? body['jobs'] : body;
      return (jobs as { jobId: string }[]).map(({ jobId }) => jobId);
    };
    for (const [reads, ids, submitted] of [
      [1, [], [stranger]],
      [2, [], [stranger]],
      [3, mine, [stranger, ...mine]],
    ] as const) {
      expect(await limits(fake), `before read ${reads}`).toMatchObject({
        submittedJobIds: reads === 3 ? [stranger, ...mine] : submitted,
      });
      expect(await listed(), `read ${reads}`).toEqual(ids);
    }
  });

  it('has none that is younger than so much', async () => {
    let now = NOW;
    const faults: FaultRule[] = [{ times: 'always', fault: { kind: 'job-list-lag', youngerThanMs: 1000 } }];
    const fake = await startFake({ dialect: 'published', faults, now: () => now });
    const old = jobIdOf(await create(fake));
    now += 600;
    const young = jobIdOf(await create(fake));
    expect(await list(fake)).toEqual([]);
    now += 400;
    expect(await list(fake)).toEqual([old]);
    now += 600;
    expect(await list(fake)).toEqual([old, young]);
    expect(await limits(fake)).toMatchObject({ submittedJobIds: [old, young] });
  });
});

describe('a token', () => {
  it('is revoked after so many calls, and another one is not', async () => {
    const fake = await start([{ match: { userId: 40_112 }, after: 2, fault: { kind: 'revoke-token' } }]);
    const statuses: number[] = [];
    for (const token of [TOKEN, OTHER_TOKEN, TOKEN, OTHER_TOKEN, TOKEN, TOKEN, OTHER_TOKEN])
      statuses.push((await call(fake, '/export/jobs', {}, token)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 401, 401, 200]);
  });

  it('is revoked at a moment', async () => {
    let now = NOW;
    const faults: FaultRule[] = [{ match: { token: TOKEN }, fromMs: 5000, fault: { kind: 'revoke-token' } }];
    const fake = await startFake({ dialect: 'published', faults, now: () => now });
    now += 4999;
    expect((await call(fake, '/export/jobs')).status).toBe(200);
    now += 1;
    expect((await call(fake, '/export/jobs')).status).toBe(401);
    fake.faults.clear();
    expect((await call(fake, '/export/jobs')).status).toBe(401);
  });
});

describe('a clock that is wrong', () => {
  it('shows in the Date header, in job times and in links, until it is put right', async () => {
    const fake = await start([{ fault: { kind: 'clock-skew', ms: 3_600_000 } }], 'brief');
    const { headers } = await call(fake, '/export/jobs');
    expect(headers['date']).toBe('Thu, 15 Oct 2026 11:30:00 GMT');
    const jobId = await finishedJob(fake);
    expect((await call(fake, `/export/jobs/${jobId}`)).body).toMatchObject({
      startTime: NOW + 3_600_000,
      fileName: expect.stringContaining('20261015_113000') as unknown,
    });
    const link = await freshLink(fake, jobId);
    expect((await ask(link)).headers['date']).toBe('Thu, 15 Oct 2026 11:30:00 GMT');
    fake.faults.set([{ fault: { kind: 'clock-skew', ms: 0 } }]);
    expect((await ask(link)).headers['date']).toBe('Thu, 15 Oct 2026 10:30:00 GMT');
  });
});

describe('download links that expire', () => {
  it.each([
    [{}, 403, 'application/xml'],
    [{ status: 400, envelope: 'coded' }, 400, 'application/json'],
    [{ status: 404, envelope: 'none' }, 404, undefined],
    [{ status: 410, envelope: 'text' }, 410, 'text/plain; charset=utf-8'],
    [{ status: 200, envelope: 'html' }, 200, 'text/html; charset=utf-8'],
  ] as const)('at the first use say so by %j, and a new one is good', async (how, status, contentType) => {
    const fake = await start([{ match: { endpoint: 'link' }, fault: { kind: 'expire-links', ...how } }], 'brief');
    const jobId = await finishedJob(fake);
    const old = await freshLink(fake, jobId);
    for (let count = 0; count < 2; count++) {
      const answer = await ask(old);
      expect([answer.status, answer.headers['content-type']]).toEqual([status, contentType]);
    }
    const answer = await ask(await freshLink(fake, jobId));
    expect([answer.status, answer.bytes.length]).toEqual([200, fake.expected(jobId).bytes]);
  });

  it('half-way break off the download, and the rest comes from a new one', async () => {
    const fault = { kind: 'expire-links', status: 410, afterBytes: 5000 } as const;
    const fake = await start([{ match: { endpoint: 'link' }, fault }], 'brief');
    const jobId = await finishedJob(fake);
    const old = await freshLink(fake, jobId);
    const broken = rawAsk(old);
    expect(await broken.ending()).toBe('reset');
    expect(broken.body?.length).toBe(5000);
    const rest = { headers: { range: 'bytes=5000-' } };
    expect((await ask(old, rest)).status).toBe(410);
    const { status, bytes } = await ask(await freshLink(fake, jobId), rest);
    expect([status, 5000 + bytes.length]).toEqual([206, fake.expected(jobId).bytes]);
  });

  it.each([{}, { afterBytes: 10 }])('can lapse at any request to the API (%j)', async (how) => {
    const fake = await start([{ match: { endpoint: 'jobList' }, fault: { kind: 'expire-links', ...how } }], 'brief');
    const link = await freshLink(fake, await finishedJob(fake));
    expect((await ask(link)).status).toBe(200);
    expect((await call(fake, '/export/jobs')).status).toBe(200);
    expect((await ask(link)).status).toBe(403);
  });
});
