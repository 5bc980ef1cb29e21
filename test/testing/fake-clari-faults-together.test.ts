import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dialect, FakeClari, FaultRule } from '../../src/testing/index.js';
import { TOKEN, ask, call, create, finishedJob, freshLink, startFake } from './fake-clari-client.js';
import { rawAsk, unchunked } from './raw-client.js';

type Fault = FaultRule['fault'];

interface Scene {
  readonly fake: FakeClari;
  readonly file: Buffer;
  /** Asks for the file on a connection that is closed behind it. */
  readonly get: (headers?: Readonly<Record<string, string>>, method?: 'GET' | 'HEAD') => ReturnType<typeof rawAsk>;
}

async function scene(faults: readonly Fault[], dialect: Dialect = 'published'): Promise<Scene> {
  const fake = await startFake({ dialect });
  const jobId = await finishedJob(fake);
  const url = dialect === 'brief' ? await freshLink(fake, jobId) : `${fake.apiUrl}/export/jobs/${jobId}/results`;
  const own: Record<string, string> = dialect === 'brief' ? {} : { apikey: TOKEN };
  const { bytes: file } = await ask(url, { headers: own });
  fake.faults.set(faults.map((fault) => ({ match: { endpoint: ['link', 'results'] }, fault })));
  const get: Scene['get'] = (headers = {}, method = 'GET') =>
    rawAsk(url, { method, headers: { connection: 'close', ...own, ...headers } });
  return { fake, file, get };
}

const struck = ({ fake }: Scene): unknown => fake.faults.rules().map((rule) => rule.struck);

describe('a gzip body', () => {
  const zip: Fault = { kind: 'gzip', unasked: true };
  /** The bytes of the gzip stream as they are sent without another fault. */
  async function zippedBytes(): Promise<Buffer> {
    const { get } = await scene([zip]);
    const answer = get({ 'accept-encoding': 'gzip' });
    await answer.ending();
    return unchunked(answer.body ?? Buffer.alloc(0)).content;
  }

  it('is whole under a length that is wrong by so much', async () => {
    const whole = await zippedBytes();
    const there = await scene([zip, { kind: 'wrong-length', by: 10 }]);
    const answer = there.get();
    const { headers } = await answer.head();
    expect([headers['content-encoding'], headers['content-length']]).toEqual(['gzip', String(whole.length + 10)]);
    expect(await answer.ending()).toBe('closed');
    expect(gunzipSync(answer.body ?? Buffer.alloc(0)).equals(there.file)).toBe(true);
    expect(struck(there)).toEqual([1, 1]);
  });

  it('is shortened, with a length that agrees', async () => {
    const there = await scene([zip, { kind: 'shorten', afterBytes: 500 }]);
    const answer = there.get();
    const { headers } = await answer.head();
    expect([headers['content-encoding'], headers['content-length']]).toEqual(['gzip', '500']);
    expect(await answer.ending()).toBe('closed');
    expect(answer.body?.equals((await zippedBytes()).subarray(0, 500))).toBe(true);
  });

  it('is whole where it is no longer than what it is to be shortened to, and that strike is given back', async () => {
    const whole = await zippedBytes();
    const there = await scene([zip, { kind: 'shorten', afterBytes: whole.length }]);
    expect((await there.get().head()).headers['content-length']).toBe(String(whole.length));
    expect(struck(there)).toEqual([1, 0]);
  });
});

describe.each(['brief', 'published'] as const)('a part of a file that is shortened (%s)', (dialect) => {
  it('says what comes', async () => {
    const there = await scene([{ kind: 'shorten', afterBytes: 50 }], dialect);
    const answer = there.get({ range: 'bytes=100-299' });
    const { status, headers } = await answer.head();
    expect([status, headers['content-length'], headers['content-range']]).toEqual([
      206,
      '50',
      `bytes 100-149/${there.file.length}`,
    ]);
    expect(await answer.ending()).toBe('closed');
    expect(answer.body?.equals(there.file.subarray(100, 150))).toBe(true);
  });

  it('says nothing of no bytes', async () => {
    const { get } = await scene([{ kind: 'shorten' }], dialect);
    const { headers } = await get({ range: 'bytes=100-299' }).head();
    expect([headers['content-length'], headers['content-range']]).toEqual(['0', undefined]);
  });
});

describe('a body that is shortened', () => {
  it.each<[Fault, string]>([
    [{ kind: 'chunked' }, 'the last chunk'],
    [{ kind: 'wrong-length', by: 10 }, 'the bytes that were promised'],
  ])('closes the connection in place of %s', async (fault) => {
    // Kept alive by the client: only the server ends it.
    const there = await scene([fault, { kind: 'shorten', afterBytes: 50 }]);
    const answer = there.get({ connection: 'keep-alive' });
    const { headers } = await answer.head();
    expect(headers['content-length']).toBe(fault.kind === 'chunked' ? undefined : '60');
    expect(await answer.ending()).toBe('closed');
    const body = answer.body ?? Buffer.alloc(0);
    const content = fault.kind === 'chunked' ? unchunked(body).content : body;
    expect(content.equals(there.file.subarray(0, 50))).toBe(true);
    if (fault.kind === 'chunked') expect(unchunked(body).terminated).toBe(false);
  });
});

describe('a strike that changes nothing is given back:', () => {
  const far = 1e12;
  it.each<[string, readonly Fault[], Readonly<Record<string, string>>, readonly number[]]>([
    ['an end behind the end', [{ kind: 'cut', afterBytes: far }], {}, [0]],
    ['a stall behind the end', [{ kind: 'stall', afterBytes: far }], {}, [0]],
    ['a reset behind the end', [{ kind: 'reset', afterBytes: far }], {}, [0]],
    ['a length beyond the end', [{ kind: 'shorten', afterBytes: far }], {}, [0]],
    ['drops behind the end', [{ kind: 'drip', afterBytes: far }], {}, [0]],
    ['a length where there is none', [{ kind: 'chunked', terminated: true }, { kind: 'wrong-length' }], {}, [1, 0]],
    ['a header that can not begin earlier', [{ kind: 'wrong-range' }], { range: 'bytes=0-' }, [0]],
    ['bytes before the first', [{ kind: 'wrong-range', variant: 'shifted-body' }], { range: 'bytes=0-9' }, [0]],
    ['another size, which can be', [{ kind: 'wrong-range', variant: 'wrong-total' }], { range: 'bytes=0-' }, [1]],
    ['a part of another file', [{ kind: 'wrong-range' }], { range: 'bytes=5-', 'if-range': '"x"' }, [0]],
    ['the whole, which is due', [{ kind: 'ignore-range' }], { range: 'bytes=5-', 'if-range': '"x"' }, [0]],
    ['a refusal that is due', [{ kind: 'refuse-range' }], { range: `bytes=${far}-` }, [0]],
    [
      'a refusal that is due, but not so',
      [{ kind: 'refuse-range', contentRange: false }],
      { range: `bytes=${far}-` },
      [1],
    ],
    [
      'parts of what is zipped',
      [{ kind: 'gzip', unasked: true }, { kind: 'refuse-range' }],
      { range: 'bytes=5-' },
      [1, 0],
    ],
  ])('%s', async (_, faults, headers, counts) => {
    const there = await scene(faults);
    await there.get(headers).head();
    expect(struck(there)).toEqual(counts);
    const kinds = faults.map(({ kind }) => kind).filter((__, index) => counts[index] === 1);
    expect(there.fake.journal.entries.at(-1)?.faults).toEqual(kinds);
    expect(there.fake.faults.struck()).toHaveLength(kinds.length);
  });

  it('what is about a file, where there is none', async () => {
    const fake = await startFake({
      dialect: 'published',
      faults: [{ fault: { kind: 'etag' } }, { fault: { kind: 'ignore-range' } }],
    });
    expect((await call(fake, '/export/jobs/none/results', { headers: { range: 'bytes=1-' } })).status).toBe(400);
    expect(fake.faults.struck()).toEqual([]);
  });

  it('the words of a job that nobody may see, and a list that has none to hide', async () => {
    const fake = await startFake({
      dialect: 'published',
      faults: [{ times: 1, fault: { kind: 'states', words: ['PONDERING'] } }, { fault: { kind: 'job-list-lag' } }],
    });
    await call(fake, '/export/jobs/none');
    await call(fake, '/export/jobs');
    expect(fake.faults.struck()).toEqual([]);
    const jobId = String((await create(fake)).body['jobId']);
    expect((await call(fake, `/export/jobs/${jobId}`)).body['status']).toBe('PONDERING');
    expect((await call(fake, '/export/jobs')).body).toEqual([]);
  });
});
