import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { faultTables } from '../../scripts/docs/fault-tables.js';
import { withTables } from '../../scripts/docs/tables.js';
import type { FakeClari, FaultRule } from '../../src/testing/index.js';
import { FaultRulesError, startFakeClari } from '../../src/testing/index.js';
import { OTHER_TOKEN, TOKEN, ask, call, create, finishedJob, freshLink, startFake } from './fake-clari-client.js';
import { rawAsk } from './raw-client.js';

const status = (code: number): FaultRule['fault'] => ({ kind: 'status', status: code });

/** Statuses of so many requests, one after another. */
async function statuses(fake: FakeClari, count: number, path = '/export/jobs', token?: string): Promise<number[]> {
  const seen = [];
  for (let made = 0; made < count; made++) seen.push((await call(fake, path, {}, token)).status);
  return seen;
}

describe('a rule', () => {
  it.each<[string, FaultRule, readonly number[]]>([
    ['once unless told otherwise', { fault: status(503) }, [503, 200, 200, 200]],
    ['after so many requests', { after: 2, fault: status(503) }, [200, 200, 503, 200]],
    ['so many times', { after: 1, times: 2, fault: status(503) }, [200, 503, 503, 200]],
    ['for ever', { times: 'always', fault: status(503) }, [503, 503, 503, 503]],
    ['never by chance 0', { times: 'always', probability: 0, fault: status(503) }, [200, 200, 200, 200]],
  ])('strikes %s', async (_, rule, seen) => {
    expect(await statuses(await startFake({ dialect: 'published', faults: [rule] }), 4)).toEqual(seen);
  });

  it('has a window of time, from when it was set', async () => {
    let now = 1_000_000;
    const fake = await startFake({ dialect: 'published', now: () => now });
    now += 500;
    fake.faults.set([{ times: 'always', fromMs: 100, forMs: 50, fault: status(503) }]);
    const seen: number[] = [];
    for (const moment of [99, 100, 149, 150]) {
      now = 1_000_500 + moment;
      seen.push(...(await statuses(fake, 1)));
    }
    expect(seen).toEqual([200, 503, 503, 200]);
  });

  it('queues up behind another of its kind, and joins one of another kind', async () => {
    const fake = await startFake({
      dialect: 'published',
      faults: [
        { times: 2, fault: status(503) },
        { fault: status(429) },
        { fault: { kind: 'etag' } },
        { after: 1, fault: { kind: 'shorten', afterBytes: 3 } },
      ],
    });
    expect(await statuses(fake, 4)).toEqual([503, 503, 429, 200]);
    expect(fake.journal.entries.map(({ faults }) => faults)).toEqual([
      ['status'],
      ['status', 'shorten'],
      ['status'],
      [],
    ]);
    expect(fake.faults.rules().map(({ seen, struck }) => [seen, struck])).toEqual([
      [2, 2],
      [1, 1],
      [0, 0],
      [2, 1],
    ]);
    const [, second] = fake.journal.entries;
    expect(fake.faults.struck().filter(({ entry }) => entry === second)).toMatchObject([
      { rule: { fault: { kind: 'status', status: 503 } } },
      { rule: { fault: { kind: 'shorten' } } },
    ]);
  });

  it('is about the requests that have all that it names', async () => {
    const fake = await startFake({ dialect: 'brief' });
    const jobId = await finishedJob(fake);
    const other = await finishedJob(fake);
    const link = await freshLink(fake, jobId);
    const requests: Readonly<Record<string, () => Promise<{ status: number }>>> = {
      list: () => call(fake, '/export/jobs'),
      otherUsersList: () => call(fake, '/export/jobs', {}, OTHER_TOKEN),
      status: () => call(fake, `/export/jobs/${jobId}`),
      otherStatus: () => call(fake, `/export/jobs/${other}`),
      cancel: () => call(fake, `/export/jobs/${jobId}`, { method: 'PATCH', body: '{}' }),
      create: () => create(fake),
      nowhere: () => call(fake, '/nowhere'),
      link: () => ask(link),
      part: () => ask(link, { headers: { range: 'bytes=1-2' } }),
    };
    const rows: readonly [FaultRule['match'], readonly string[]][] = [
      [{}, Object.keys(requests)],
      [{ endpoint: 'jobList' }, ['list', 'otherUsersList']],
      [{ endpoint: ['jobStatus', 'link'], jobId }, ['status', 'link', 'part']],
      [{ jobId }, ['status', 'cancel', 'link', 'part']],
      [{ jobId: other }, ['otherStatus']],
      [{ method: 'PATCH' }, ['cancel']],
      [{ forecastId: 'emea_bookings' }, ['status', 'otherStatus', 'cancel', 'create', 'link', 'part']],
      [{ method: 'POST', forecastId: 'emea_bookings' }, ['create']],
      [{ userId: 40_007 }, ['otherUsersList']],
      [{ token: OTHER_TOKEN, endpoint: 'jobList' }, ['otherUsersList']],
      [{ range: true }, ['part']],
      [{ range: false, endpoint: 'link' }, ['link']],
    ];
    for (const [match, struck] of rows) {
      fake.faults.set([{ ...(match === undefined ? {} : { match }), times: 'always', fault: status(599) }]);
      const names: string[] = [];
      for (const [name, send] of Object.entries(requests)) if ((await send()).status === 599) names.push(name);
      expect(names, JSON.stringify(match)).toEqual(struck);
    }
  });

  it('strikes the same of a thousand requests by the same seed, and others by another or in another place', async () => {
    const thousand = async (seed: number, before: readonly FaultRule[] = []): Promise<string> => {
      const rule: FaultRule = { times: 'always', probability: 0.2, fault: status(503) };
      const fake = await startFake({ dialect: 'published', seed, faults: [...before, rule] });
      return (await statuses(fake, 1000)).map((code) => (code === 503 ? 'x' : '.')).join('');
    };
    const first = await thousand(7);
    expect(await thousand(7)).toBe(first);
    const others = [await thousand(8), await thousand(7, [{ match: { jobId: 'none' }, fault: status(500) }])];
    expect(new Set([first, ...others]).size).toBe(3);
    const share = first.replaceAll('.', '').length / 1000;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });
});

describe('rules that can not be', () => {
  it.each<[unknown, readonly string[]]>([
    [{ fault: status(503) }, ['rules: must be a list']],
    [[{ fault: { kind: 'stal' } }], ['rules[0].fault.kind: must be one of lose-request']],
    [[{ fault: { kind: 'stal' } }], ['; stall was probably meant']],
    [[{ fault: { kind: 'delay' } }], ['rules[0].fault.ms: is missing; give a number']],
    [[{ fault: { kind: 'delay', ms: '5' } }], ['rules[0].fault.ms: must be a number without quotes']],
    [[{ fault: { kind: 'delay', ms: 0.5 } }], ['rules[0].fault.ms: must be a whole number']],
    [[{ fault: { kind: 'delay', ms: -1 } }], ['rules[0].fault.ms: must be a number of at least 0']],
    [[{ fault: { kind: 'drip', everyMs: 1e9 } }], ['rules[0].fault.everyMs: must be a number of at most 3600000']],
    [[{ fault: { kind: 'cut', afterbyte: 1 } }], ['rules[0].fault.afterbyte: no such field; afterBytes was probably']],
    [[{ fault: { kind: 'cut' }, time: 1 }], ['rules[0].time: no such field; times was probably meant']],
    [
      [{ fault: { kind: 'cut' }, match: { url: 'x' } }],
      ['rules[0].match.url: no such field; there are endpoint, method'],
    ],
    [
      [{ fault: { kind: 'cut' }, match: { endpoint: 'jobsList' } }],
      ['must be one of limits', '; jobList was probably'],
    ],
    [[{ fault: { kind: 'cut' }, match: { endpoint: ['link', 'lnk'] } }], ['; link was probably meant']],
    [[{ fault: { kind: 'cut' }, times: 'ever' }], ['rules[0].times: must be a whole number from 1 to']],
    [[{ fault: { kind: 'states', words: [] } }], ['rules[0].fault.words: must be a list with a length of at least 1']],
    [[{ fault: { kind: 'status', retryAfter: 'a\nb' } }], ['rules[0].fault.retryAfter: must be seconds from 0']],
    [
      [{ match: { endpoint: 'limits' }, fault: { kind: 'states', words: ['x'] } }],
      ['rules[0].match.endpoint: states never strikes limits, only the status of a job; leave limits out'],
    ],
    [[{ fault: { kind: 'cut' }, match: { endpoint: 'lnk' } }], ['results, link, or a list of them; link was']],
    // What no request can be.
    [
      [{ match: { endpoint: 'jobStatus', method: 'POST' }, fault: status(503) }],
      ['rules[0].match.method: no request to jobStatus has the method POST; leave method out'],
    ],
    [
      [{ match: { endpoint: 'link', token: TOKEN }, fault: status(503) }],
      ['rules[0].match.token: no request to link has a token; leave token out'],
    ],
    [[{ match: { endpoint: 'link', userId: 1 }, fault: status(503) }], ['no request to link has a userId']],
    [[{ match: { endpoint: 'limits', jobId: 'x' }, fault: status(503) }], ['no request to limits has a jobId']],
    [
      [
        { match: { jobId: 'x' }, fault: { kind: 'duplicate' } },
        { match: { jobId: 'x' }, fault: { kind: 'job' } },
      ],
      ['rules[1].match.jobId: no request to what job strikes has a jobId; leave jobId out'],
    ],
    [
      [{ match: { endpoint: ['jobStatus', 'createAuditExport'], method: 'POST', jobId: 'x' }, fault: status(503) }],
      ['rules[0].match: no request to jobStatus, createAuditExport has all of method, jobId; leave some of them out'],
    ],
    [
      [{ match: { method: 'HEAD' }, fault: { kind: 'cut' } }],
      ['rules[0].match.method: cut never strikes HEAD, only any request but HEAD; leave method out'],
    ],
    [
      [{ match: { range: false }, fault: { kind: 'wrong-range' } }],
      ['rules[0].match.range: wrong-range never strikes a whole file, only files, asked for in part; leave range out'],
    ],
    [
      [{ match: { forecastId: 'emea_booking' }, fault: status(503) }],
      ['rules[0].match.forecastId: no such forecast; emea_bookings was probably meant'],
    ],
    [[{ match: { forecastId: 'x' }, fault: status(503) }], ['no such forecast; there are emea_bookings']],
    [[{ fault: { kind: 'wrong-length', by: 0 } }], ['rules[0].fault.by: must not be 0, which is the true length']],
    [[{ fault: { kind: 'job' } }], ['rules[0].fault.end: done alone makes a job like any other; give another end']],
    [
      [{ fault: { kind: 'job', end: 'failed', rowsTruncated: true } }],
      ['rules[0].fault.rowsTruncated: is for jobs that end done; leave it out, or the end'],
    ],
    [
      [{ probability: 0.5, fault: { kind: 'job-list-lag', inLimits: true } }],
      ['rules[0].probability: must be 1 beside inLimits'],
    ],
    // What would contradict itself, or leave a client waiting for ever.
    [
      [{ fault: { kind: 'quota-reached', shown: 'before' } }],
      ['rules[0].forMs: is missing: a client that looks at the limits first sees 0', 'give forMs, "times": "always"'],
    ],
    [[{ times: 3, fault: { kind: 'quota-reached', shown: 'before' } }], ['rules[0].forMs: is missing']],
    [
      [{ times: 'always', probability: 0.5, match: { userId: 1 }, fault: { kind: 'quota-reached', lastsMs: 5 } }],
      [
        'rules[0].match: must be empty where the limits show a shortage from the beginning',
        'rules[0].probability: must be 1 where the limits show a shortage from the beginning',
        'rules[0].fault.lastsMs: is for a shortage that a refusal begins',
      ],
    ],
    [
      [{ fault: { kind: 'cut' } }, { fault: { kind: 'drip', bytes: 0 }, probability: 2 }],
      ['rules[1].probability: must be a number of at most 1', 'rules[1].fault.bytes: must be a number of at least 1'],
    ],
  ])('%j are refused with the field, the rule and the remedy', async (rules, lines) => {
    const fake = await startFake({ dialect: 'published', faults: [{ after: 9, fault: status(503) }] });
    const before = fake.faults.rules();
    const refused = await ask(`${fake.controlUrl}/faults`, { method: 'PUT', body: JSON.stringify(rules) });
    expect(refused.status).toBe(400);
    const said = (refused.body['faults'] as string[]).join('\n');
    for (const line of lines) expect(said).toContain(line);
    expect(fake.faults.rules()).toEqual(before);
    expect(() => fake.faults.set(rules as readonly FaultRule[])).toThrow(FaultRulesError);
    await expect(startFakeClari({ dialect: 'published', faults: rules as readonly FaultRule[] })).rejects.toThrow(
      lines[0],
    );
  });
});

it('refuses to make links expire that the published dialect never gives out', async () => {
  const rules: readonly FaultRule[] = [{ match: { endpoint: 'results' }, fault: { kind: 'expire-links' } }];
  const published = await startFake({ dialect: 'published' });
  expect(() => published.faults.add(...rules)).toThrow('rules[0].fault.kind: expire-links never strikes');
  (await startFake({ dialect: 'brief' })).faults.add(...rules);
});

describe('the control endpoint', () => {
  it('sets, adds, shows and takes away rules, without a token and without a trace', async () => {
    const fake = await startFake({ dialect: 'published' });
    const tell = (method: 'GET' | 'POST' | 'DELETE' | 'PUT', body?: unknown) =>
      ask(`${fake.controlUrl}/faults`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    expect((await tell('PUT', [{ fault: status(503) }])).status).toBe(200);
    expect((await tell('POST', { fault: status(429) })).status).toBe(200);
    expect((await tell('POST', [{ fault: status(500) }])).status).toBe(200);
    expect(await statuses(fake, 2)).toEqual([503, 429]);
    const { body } = await tell('GET');
    expect(body['rules']).toMatchObject([{ struck: 1 }, { struck: 1 }, { struck: 0 }]);
    expect(body['struck']).toMatchObject([
      { request: 0, fault: { kind: 'status', status: 503 } },
      { request: 1, fault: { kind: 'status', status: 429 } },
    ]);
    expect((await tell('DELETE')).body['rules']).toEqual([]);
    expect(await statuses(fake, 1)).toEqual([200]);
    const { body: journal } = await ask(`${fake.controlUrl}/journal`);
    expect(journal).toMatchObject([{ status: 503, faults: ['status'] }, { status: 429 }, { status: 200, faults: [] }]);
  });

  it('tells of jobs and files, and changes tokens', async () => {
    const fake = await startFake({ dialect: 'published' });
    const jobId = await finishedJob(fake);
    expect((await ask(`${fake.controlUrl}/jobs`)).body).toMatchObject([{ jobId, state: 'done' }]);
    const { bytes, counts } = fake.expected(jobId);
    expect((await ask(`${fake.controlUrl}/expected/${jobId}`)).body).toEqual({ bytes, counts });
    const change = { add: [{ token: 'new', userId: 40_112 }], revoke: [TOKEN] };
    const tokens = (body: unknown) => ask(`${fake.controlUrl}/tokens`, { method: 'POST', body: JSON.stringify(body) });
    expect((await tokens(change)).body).toEqual({ added: 1, revoked: 1 });
    expect(await statuses(fake, 1)).toEqual([401]);
    expect(await statuses(fake, 1, `/export/jobs/${jobId}`, 'new')).toEqual([200]);
    const refused = await tokens({ revoke: ['new'], add: [{ token: 'x' }] });
    expect([refused.status, String(refused.body['faults'])]).toEqual([
      400,
      'body.add[0].userId: is missing; give a number without quotes',
    ]);
    expect(await statuses(fake, 1, '/export/jobs', 'new')).toEqual([200]);
  });

  it.each([
    ['PUT', 'faults', '{', 400, 'body: is no JSON'],
    ['PUT', 'faults', '', 400, 'rules: is missing; give a list'],
    ['POST', 'journal', '', 404, 'there are GET faults'],
    ['GET', 'constructor', '', 404, 'there are GET faults'],
    ['GET', 'expected/none', '', 404, 'no job none'],
  ] as const)('answers %s %s with the body %j by saying what is wrong', async (method, path, body, code, text) => {
    const fake = await startFake({ dialect: 'published' });
    const raw = rawAsk(`${fake.controlUrl}/${path}`, { method, body });
    const { status: seen, headers } = await raw.head();
    expect(seen).toBe(code);
    expect((await raw.bodyOf(Number(headers['content-length']))).toString()).toContain(text);
  });

  it.each(['/v4/../_fake/faults', '/v4/_fake/faults', '/v4/%2e%2e/_fake/faults', '/_fake', '//_fake/faults'])(
    'is not at %s',
    async (path) => {
      const fake = await startFake({ dialect: 'published' });
      const { origin } = new URL(fake.apiUrl);
      // A URL would be tidied up before it is sent.
      const raw = rawAsk(origin, { path });
      expect((await raw.head()).status).toBe(401);
      expect(fake.journal.entries).toHaveLength(1);
      expect((await ask(`${fake.linkUrl}/_fake/faults`)).status).toBe(403);
    },
  );
});

describe('docs/fake-clari.md', () => {
  it('has tables as the code has them (npm run docs)', async () => {
    const text = await readFile(new URL('../../docs/fake-clari.md', import.meta.url), 'utf8');
    expect(await format(withTables(text, faultTables), { parser: 'markdown', printWidth: 120 })).toBe(text);
  });

  it('names every command of the control endpoint, and no other', async () => {
    const text = await readFile(new URL('../../docs/fake-clari.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/^\| `([A-Z]+) \/_fake\/(\w+)/gm)].map(
      ([, method, name]) => `${method ?? ''} ${name ?? ''}`,
    );
    const fake = await startFake({ dialect: 'published' });
    const { body } = await ask(`${fake.controlUrl}/nothing`);
    expect(String(body['faults'])).toBe(`no such command; there are ${named.join(', ')}`);
  });
});
