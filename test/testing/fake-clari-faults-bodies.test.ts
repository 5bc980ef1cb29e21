import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dialect, FakeClari, FaultRule } from '../../src/testing/index.js';
import { TOKEN, ask, call, create, finishedJob, freshLink, startFake } from './fake-clari-client.js';
import type { RawAnswer, RawRequest } from './raw-client.js';
import { rawAsk, unchunked } from './raw-client.js';

type FaultInput = FaultRule['fault'];

interface Scene {
  readonly fake: FakeClari;
  /** Where the file is, and what it takes to get it. */
  readonly url: string;
  /** The true file. */
  readonly file: Buffer;
  readonly etag: string;
  readonly get: (request?: RawRequest) => RawAnswer;
}

/** A finished file, and then rules that strike it. */
async function scene(dialect: Dialect, faults: readonly FaultInput[], options = {}): Promise<Scene> {
  const fake = await startFake({ dialect, ...options });
  const jobId = await finishedJob(fake);
  const url = dialect === 'brief' ? await freshLink(fake, jobId) : `${fake.apiUrl}/export/jobs/${jobId}/results`;
  const own: Record<string, string> = dialect === 'brief' ? {} : { apikey: TOKEN };
  const { bytes: file, headers } = await ask(url, { headers: own });
  fake.faults.set(faults.map((fault) => ({ match: { endpoint: ['link', 'results'] }, fault })));
  const get: Scene['get'] = (request = {}) => rawAsk(url, { ...request, headers: { ...own, ...request.headers } });
  return { fake, url, file, etag: String(headers['etag']), get };
}

interface Row {
  readonly what: string;
  readonly faults: readonly FaultInput[];
  readonly request?: RawRequest;
  readonly seen: (answer: RawAnswer, scene: Scene) => Promise<void>;
}

const part = { headers: { range: 'bytes=100-299' } };
const gzip = { headers: { 'accept-encoding': 'gzip' } };
const breaksOff =
  (bytes: number, how: 'closed' | 'reset'): Row['seen'] =>
  async (answer, { file }) => {
    const { status, headers } = await answer.head();
    expect([status, headers['content-length']]).toEqual([200, String(file.length)]);
    expect(await answer.ending()).toBe(how);
    expect(answer.body?.equals(file.subarray(0, bytes))).toBe(true);
  };

const staysOpen =
  (bytes: number): Row['seen'] =>
  async (answer, { fake, file }) => {
    const { headers } = await answer.head();
    expect(headers['content-length']).toBe(String(file.length));
    expect(await answer.bodyOf(bytes)).toEqual(file.subarray(0, bytes));
    const [entry] = fake.journal.entries.slice(-1);
    // Another request comes and goes, and nothing has happened on this one.
    expect((await call(fake, '/export/jobs')).status).toBe(200);
    expect([answer.end, answer.body?.length, entry?.end, entry?.bytesSent]).toEqual([
      undefined,
      bytes,
      undefined,
      bytes,
    ]);
    await answer.leave();
    await fake.journal.waitFor((one) => one === entry && one.end === 'broken');
  };

const partSays =
  (contentRange: string | undefined, from = 100): Row['seen'] =>
  async (answer, { file }) => {
    const { status, headers } = await answer.head();
    const told = contentRange?.replace('SIZE+5', String(file.length + 5)).replace('SIZE', String(file.length));
    expect([status, headers['content-length'], headers['content-range']]).toEqual([206, '200', told]);
    expect(await answer.bodyOf(200)).toEqual(file.subarray(from, from + 200));
  };

const rows: readonly Row[] = [
  { what: 'cut', faults: [{ kind: 'cut', afterBytes: 5000 }], seen: breaksOff(5000, 'closed') },
  { what: 'cut before the first byte', faults: [{ kind: 'cut' }], seen: breaksOff(0, 'closed') },
  { what: 'reset', faults: [{ kind: 'reset', afterBytes: 5000 }], seen: breaksOff(5000, 'reset') },
  { what: 'reset after the headers', faults: [{ kind: 'reset' }], seen: breaksOff(0, 'reset') },
  { what: 'stall after the headers', faults: [{ kind: 'stall' }], seen: staysOpen(0) },
  { what: 'stall half-way', faults: [{ kind: 'stall', afterBytes: 5000 }], seen: staysOpen(5000) },
  {
    what: 'drip from the first byte',
    faults: [{ kind: 'drip', bytes: 7, everyMs: 3_600_000 }],
    seen: staysOpen(7),
  },
  {
    what: 'drip after a while',
    faults: [{ kind: 'drip', bytes: 1, everyMs: 3_600_000, afterBytes: 900 }],
    seen: staysOpen(900),
  },
  {
    what: 'drip and reset',
    faults: [
      { kind: 'drip', bytes: 10, everyMs: 1 },
      { kind: 'reset', afterBytes: 35 },
    ],
    seen: breaksOff(35, 'reset'),
  },
  {
    what: 'the first of two ends',
    faults: [
      { kind: 'cut', afterBytes: 300 },
      { kind: 'stall', afterBytes: 200 },
    ],
    seen: staysOpen(200),
  },
  {
    what: 'shorten',
    faults: [{ kind: 'shorten', afterBytes: 5000 }],
    seen: async (answer, { file }) => {
      const { status, headers } = await answer.head();
      expect([status, headers['content-length']]).toEqual([200, '5000']);
      expect(await answer.bodyOf(5000)).toEqual(file.subarray(0, 5000));
    },
  },
  {
    what: 'wrong-length, too long',
    faults: [{ kind: 'wrong-length', by: 10 }],
    seen: async (answer, { file }) => {
      expect((await answer.head()).headers['content-length']).toBe(String(file.length + 10));
      expect(await answer.ending()).toBe('closed');
      expect(answer.body?.equals(file)).toBe(true);
    },
  },
  {
    what: 'wrong-length, too short',
    faults: [{ kind: 'wrong-length', by: -10 }],
    seen: async (answer, { file }) => {
      expect((await answer.head()).headers['content-length']).toBe(String(file.length - 10));
      expect(await answer.ending()).toBe('closed');
      expect(answer.body?.equals(file)).toBe(true);
    },
  },
  {
    what: 'chunked without an end',
    faults: [{ kind: 'chunked' }],
    seen: async (answer, { file }) => {
      const { headers } = await answer.head();
      expect([headers['transfer-encoding'], headers['content-length']]).toEqual(['chunked', undefined]);
      expect(await answer.ending()).toBe('closed');
      const { content, terminated } = unchunked(answer.body ?? Buffer.alloc(0));
      expect([content.equals(file), terminated]).toEqual([true, false]);
    },
  },
  {
    what: 'chunked without an end, and cut',
    faults: [{ kind: 'chunked' }, { kind: 'cut', afterBytes: 500 }],
    seen: async (answer, { file }) => {
      expect(await answer.ending()).toBe('closed');
      expect(unchunked(answer.body ?? Buffer.alloc(0)).content).toEqual(file.subarray(0, 500));
    },
  },
  {
    what: 'chunked with an end',
    faults: [{ kind: 'chunked', terminated: true }],
    request: { headers: { connection: 'close' } },
    seen: async (answer, { file }) => {
      expect(await answer.ending()).toBe('closed');
      const { content, terminated } = unchunked(answer.body ?? Buffer.alloc(0));
      expect([content.equals(file), terminated]).toEqual([true, true]);
    },
  },
  ...(['none', 'no-trailer', 'wrong-crc'] as const).map((flaw): Row => ({
    what: `gzip with the flaw ${flaw}`,
    faults: [{ kind: 'gzip', flaw }],
    request: { headers: { ...gzip.headers, ...part.headers, connection: 'close' } },
    seen: async (answer, { file, etag }) => {
      const { status, headers } = await answer.head();
      expect([status, headers['content-encoding'], headers['content-range']]).toEqual([200, 'gzip', undefined]);
      expect(headers['etag']).toBe(`${etag.slice(0, -1)}-gzip"`);
      await answer.ending();
      const { content, terminated } = unchunked(answer.body ?? Buffer.alloc(0));
      expect(terminated).toBe(true);
      if (flaw === 'none') expect(gunzipSync(content).equals(file)).toBe(true);
      else expect(() => gunzipSync(content)).toThrow(flaw === 'no-trailer' ? 'unexpected end' : 'incorrect data check');
    },
  })),
  {
    what: 'gzip unasked',
    faults: [{ kind: 'gzip', unasked: true }],
    seen: async (answer) => expect((await answer.head()).headers['content-encoding']).toBe('gzip'),
  },
  {
    what: 'gzip that nobody asked for',
    faults: [{ kind: 'gzip' }],
    seen: async (answer, { fake }) => {
      expect((await answer.head()).headers['content-encoding']).toBeUndefined();
      expect(fake.faults.struck()).toEqual([]);
    },
  },
  {
    what: 'a part as if nothing was asked',
    faults: [{ kind: 'ignore-range' }],
    request: part,
    seen: async (answer, { file }) => {
      const { status, headers } = await answer.head();
      expect([status, headers['content-range']]).toEqual([200, undefined]);
      expect((await answer.bodyOf(file.length)).equals(file)).toBe(true);
    },
  },
  {
    what: 'a refused part',
    faults: [{ kind: 'refuse-range' }],
    request: part,
    seen: async (answer, { file }) => {
      const { status, headers } = await answer.head();
      expect([status, headers['content-range']]).toEqual([416, `bytes */${file.length}`]);
    },
  },
  {
    what: 'a part refused without a size',
    faults: [{ kind: 'refuse-range', contentRange: false }],
    request: part,
    seen: async (answer) => {
      const { status, headers } = await answer.head();
      expect([status, headers['content-range']]).toEqual([416, undefined]);
    },
  },
  {
    what: 'a part whose header begins earlier',
    faults: [{ kind: 'wrong-range', by: 3 }],
    request: part,
    seen: partSays('bytes 97-296/SIZE'),
  },
  {
    what: 'a part whose bytes begin earlier',
    faults: [{ kind: 'wrong-range', variant: 'shifted-body', by: 3 }],
    request: part,
    seen: partSays('bytes 100-299/SIZE', 97),
  },
  {
    what: 'a part of another size',
    faults: [{ kind: 'wrong-range', variant: 'wrong-total', by: 5 }],
    request: part,
    seen: partSays('bytes 100-299/SIZE+5'),
  },
  {
    what: 'a part of an untold size',
    faults: [{ kind: 'wrong-range', variant: 'no-total' }],
    request: part,
    seen: partSays('bytes 100-299/*'),
  },
  {
    what: 'a part that does not say which',
    faults: [{ kind: 'wrong-range', variant: 'missing' }],
    request: part,
    seen: partSays(undefined),
  },
];

const dialects: readonly Dialect[] = ['brief', 'published'];

describe.each(dialects)('a file of the %s dialect comes with', (dialect) => {
  it.each(rows)('$what', async ({ faults, request, seen }) => {
    const there = await scene(dialect, faults);
    await seen(there.get(request), there);
  });

  it('one ETag after another, so that no If-Range fits', async () => {
    const { fake, get, etag } = await scene(dialect, []);
    fake.faults.add({ times: 3, fault: { kind: 'etag' } });
    const etags = [];
    for (let count = 0; count < 3; count++) etags.push((await get().head()).headers['etag']);
    expect(new Set([...etags, etag]).size).toBe(4);
    fake.faults.set([{ times: 'always', fault: { kind: 'etag' } }]);
    const seen = (await get().head()).headers['etag'] ?? '';
    const again = await get({ headers: { ...part.headers, 'if-range': seen } }).head();
    expect(again.status).toBe(200);
  });

  it.each([
    ['changed', /^"[0-9a-f]+-changed"$/, 206],
    ['weak', /^W\/"[0-9a-f]+"$/, 200],
    ['none', /^undefined$/, 200],
  ] as const)('an ETag that is %s', async (variant, pattern, status) => {
    const { fake, get, etag } = await scene(dialect, []);
    fake.faults.set([{ times: 'always', fault: { kind: 'etag', variant } }]);
    const shown = (await get().head()).headers['etag'];
    expect(String(shown)).toMatch(pattern);
    const resumed = async (condition: string): Promise<number> =>
      (await get({ headers: { ...part.headers, 'if-range': condition } }).head()).status;
    expect(await resumed(shown ?? etag)).toBe(status);
    expect(await resumed(etag)).toBe(200);
  });
});

describe('a fake that compresses', () => {
  it('does so for whoever accepts it, API answers too, and for nobody else', async () => {
    const { fake, get, file } = await scene('published', [], { gzip: true });
    for (const [accepted, encoding] of [
      ['gzip, deflate', 'gzip'],
      ['br;q=1, gzip;q=0.5', 'gzip'],
      ['*', 'gzip'],
      ['gzip;q=0', undefined],
      ['br', undefined],
      ['identity', undefined],
    ] as const) {
      const { headers } = await get({ headers: { 'accept-encoding': accepted } }).head();
      expect(headers['content-encoding'], accepted).toBe(encoding);
    }
    const answer = await ask(`${fake.apiUrl}/admin/limits`, { headers: { apikey: TOKEN, ...gzip.headers } });
    expect(JSON.parse(gunzipSync(answer.bytes).toString('utf8'))).toMatchObject({ jobs: { concurrentLimit: 3 } });
    const head = await get({ method: 'HEAD', ...gzip }).head();
    expect([head.headers['content-encoding'], head.headers['content-length']]).toEqual(['gzip', undefined]);
    expect(file.length).toBeGreaterThan(1000);
  });
});

describe('a body that drips', () => {
  it('comes whole, in pieces no bigger than was said', async () => {
    const fake = await startFake({ dialect: 'published', faults: [{ fault: { kind: 'drip', bytes: 9, everyMs: 1 } }] });
    const sizes: number[] = [];
    const done = fake.journal.waitFor(({ bytesSent, end }) => {
      sizes.push(bytesSent);
      return end === 'whole';
    });
    const { body } = await call(fake, '/admin/limits');
    await done;
    expect(body).toMatchObject({ jobs: { monthlyQuota: 1000 } });
    const steps = sizes.slice(1).map((size, at) => size - (sizes[at] ?? 0));
    expect(Math.max(...steps)).toBe(9);
    expect(steps.filter((step) => step > 0).length).toBeGreaterThan(10);
  });
});

describe('a file that is too big to hold', () => {
  it('breaks off where it is told to, without what comes behind being made', async () => {
    const forecasts = [
      { forecastId: 'emea_bookings', forecastName: 'EMEA Bookings', entries: 10_000_000, shape: 'five-lists' },
    ] as const;
    const fake = await startFake({ dialect: 'published', forecasts });
    const jobId = String((await create(fake)).body['jobId']);
    fake.jobs.update(jobId, { state: 'done' });
    fake.faults.set([{ fault: { kind: 'cut', afterBytes: 700_001 } }]);
    const answer = rawAsk(`${fake.apiUrl}/export/jobs/${jobId}/results`, { headers: { apikey: TOKEN } });
    expect(Number((await answer.head()).headers['content-length'])).toBe(fake.expected(jobId).bytes);
    expect(await answer.ending()).toBe('closed');
    expect(answer.body?.length).toBe(700_001);
  });
});
