import { describe, expect, it } from 'vitest';
import type { ExpectedRecord, FakeClari, FakeClariOptions } from '../../src/testing/index.js';
import { AuditSelection } from '../../src/testing/fake-clari/data/audit-file.js';
import { UNCUT } from '../../src/testing/fake-clari/data/cut.js';
import { objectOfLists } from '../../src/testing/fake-clari/data/framing.js';
import type { PlainAnswer } from './fake-clari-client.js';
import { TOKEN, ask, call, exported, post, startFake } from './fake-clari-client.js';

const NOW = Date.UTC(2026, 9, 15, 10, 30);
const DAY_MS = 86_400_000;
const path = '/export/audit/events';
const sparse = { perDay: 100 };

const start = (options: Partial<FakeClariOptions> = {}): Promise<FakeClari> =>
  startFake({ dialect: 'published', now: () => NOW, ...options });

const page = (fake: FakeClari, query: Readonly<Record<string, string>> = {}): Promise<PlainAnswer> =>
  call(fake, `/audit/events?${new URLSearchParams(query).toString()}`);

const itemsOf = ({ body }: Pick<PlainAnswer, 'body'>): ExpectedRecord[] => body['items'] as ExpectedRecord[];
const actorsOf = ({ body }: Pick<PlainAnswer, 'body'>): ExpectedRecord[] => body['actors'] as ExpectedRecord[];
const nextOf = ({ body }: PlainAnswer): string | undefined => body['nextLink'] as string | undefined;
const momentOf = (item: ExpectedRecord): number => Date.parse(String(item['eventTimestamp']));

async function allPages(fake: FakeClari, query: Readonly<Record<string, string>> = {}): Promise<PlainAnswer[]> {
  const pages = [await page(fake, query)];
  for (let next = nextOf(pages[0] as PlainAnswer); next !== undefined; next = nextOf(pages.at(-1) as PlainAnswer))
    pages.push(await ask(next, { headers: { apikey: TOKEN } }));
  return pages;
}

describe('the paged read of audit events', () => {
  it('gives what the bulk export gives, page by page, without a job', async () => {
    const fake = await start({ audit: sparse });
    const pages = await allPages(fake, { limit: '1000' });
    expect(pages.map((one) => itemsOf(one).length)).toEqual([1000, 1000, 1000]);
    expect(fake.jobs.all()).toEqual([]);
    const bulk = await exported(fake, path, '');
    expect(pages.flatMap(itemsOf)).toEqual(itemsOf(bulk));
    expect(Object.keys(bulk.body)).toEqual(['items', 'actors']);
  });

  it('takes a page of a hundred unless told otherwise, and links only to pages that exist', async () => {
    const fake = await start({ audit: sparse });
    const day = { dateFrom: '2026-10-14', dateTo: '2026-10-14' };
    const whole = await page(fake, day);
    expect([itemsOf(whole).length, 'nextLink' in whole.body]).toEqual([100, false]);
    const first = await page(fake, { ...day, limit: '99' });
    expect(itemsOf(first)).toHaveLength(99);
    const link = new URL(nextOf(first) ?? '');
    expect(`${link.origin}${link.pathname}`).toBe(`${fake.apiUrl}/audit/events`);
    const second = await ask(link.href, { headers: { apikey: TOKEN } });
    expect([itemsOf(second).length, 'nextLink' in second.body]).toEqual([1, false]);
    expect(itemsOf(await page(fake))).toHaveLength(100);
  });

  it('repeats in each page the actors of its events, and no others', async () => {
    const fake = await start({ audit: sparse });
    for (const one of await allPages(fake, { dateFrom: '2026-10-14', limit: '7' })) {
      const wanted = itemsOf(one).flatMap((item) => [item['actorId'], item['impersonatingActorId'] ?? item['actorId']]);
      expect(new Set(actorsOf(one).map((actor) => actor['actorId']))).toEqual(new Set(wanted));
      expect(new Set(wanted).size).toBe(actorsOf(one).length);
    }
  });

  it('goes on where the first page began, whatever happens meanwhile', async () => {
    let now = NOW;
    const fake = await start({ audit: sparse, now: () => now });
    const before = await allPages(fake, { dateFrom: '2026-10-14', limit: '50' });
    const first = await page(fake, { dateFrom: '2026-10-14', limit: '50' });
    now += 3 * 60 * 60_000;
    const second = await ask(nextOf(first) ?? '', { headers: { apikey: TOKEN } });
    expect(itemsOf(second)).toEqual(itemsOf(before[1] as PlainAnswer));
    expect((await allPages(fake, { dateFrom: '2026-10-14' })).flatMap(itemsOf).length).toBeGreaterThan(
      before.flatMap(itemsOf).length,
    );
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['a limit of none', { limit: '0' }, ['limit']],
    ['a limit above 1000', { limit: '1001' }, ['limit']],
    ['a limit in words', { limit: 'ten' }, ['limit']],
    ['an actor in words', { actorId: 'noor' }, ['actorId']],
    ['a session that is no UUID', { sessionId: '7' }, ['sessionId']],
    ['another device', { sessionType: 'web' }, ['sessionType']],
    ['a time without an offset', { dateFrom: '2026-10-14T10:00:00' }, ['dateFrom']],
    ['a date that does not exist', { dateTo: '2026-02-30' }, ['dateTo']],
    ['dates the wrong way round', { dateFrom: '2026-10-14', dateTo: '2026-10-12' }, ['dateTo']],
    ['a cursor of its own making', { cursor: 'abc' }, ['cursor']],
    ['several faults', { limit: '-1', actorId: 'x', event: '' }, ['limit', 'actorId', 'event']],
  ])('refuses %s, all faults at once', async (_, query, targets) => {
    const { status, body } = await page(await start(), query);
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['errors']);
    const errors = body['errors'] as ExpectedRecord[];
    expect(errors.map((error) => error['target'])).toEqual(targets);
    for (const error of errors) expect(error).toMatchObject({ status: 400, message: expect.any(String) as unknown });
  });
});

describe('the bulk export of audit events', () => {
  it('is a job like others, of its own module, with or without a body', async () => {
    const fake = await start();
    for (const body of ['', {}, { actorId: null, dateFrom: '2026-10-14' }]) {
      const created = await post(fake, path, body);
      expect([created.status, Object.keys(created.body)]).toEqual([202, ['jobId']]);
    }
    const [job] = fake.jobs.all();
    expect((await call(fake, `/export/jobs/${job?.jobId ?? ''}`)).body).toMatchObject({
      module: 'AUDIT',
      fileName: 'clari_export_audit_733_20261015_103000.json',
    });
    const refused = await post(fake, path, '');
    expect([refused.status, refused.body['code']]).toEqual([400, 'export_monthly_quota_reached']);
  });

  it.each<[string, unknown, string[]]>([
    ['a body that is no object', '[]', ['body']],
    ['an actor as text in words', { actorId: 'noor' }, ['actorId']],
    ['two faults', { sessionType: 7, dateFrom: 'yesterday' }, ['dateFrom', 'sessionType']],
  ])('refuses %s', async (_, body, targets) => {
    const fake = await start();
    const { status, body: answer } = await post(fake, path, body);
    expect([status, Object.keys(answer)]).toEqual([400, ['errors']]);
    expect((answer['errors'] as ExpectedRecord[]).map((error) => error['target'])).toEqual(targets);
    expect(fake.jobs.all()).toEqual([]);
  });

  it('serves the file that the oracle expects', async () => {
    const fake = await start({ audit: sparse });
    const answer = await exported(fake, path, { dateFrom: '2026-10-10' });
    const expected = fake.expected(answer.jobId);
    expect(itemsOf(answer)).toEqual([...expected.records('items')]);
    expect(actorsOf(answer)).toEqual([...expected.records('actors')]);
    expect(expected.counts).toMatchObject({ items: itemsOf(answer).length, actors: actorsOf(answer).length });
    expect(expected.bytes).toBe(answer.bytes.length);
  });
});

describe('audit events', () => {
  it('have every documented member, no id of their own, and now and then one moment for several', async () => {
    const fake = await start({ audit: sparse });
    const answer = await exported(fake, path, {});
    const items = itemsOf(answer);
    const optional = ['correlationID', 'impersonatingActorId'];
    const keys = items.map((item) => Object.keys(item).filter((key) => !optional.includes(key)));
    expect(new Set(keys.map((one) => one.join())).size).toBe(1);
    expect(keys[0]?.sort()).toEqual([
      ...['actorId', 'actorType', 'event', 'eventParameters', 'eventTimestamp'],
      ...['ipAddress', 'sessionId', 'sessionType'],
    ]);
    const values = (key: string): Set<unknown> => new Set(items.map((item) => item[key]));
    expect(values('actorType')).toEqual(new Set(['USER', 'SYSTEM', 'JOB']));
    expect(values('sessionType')).toEqual(new Set(['WEB', 'IOS', 'ANDROID']));
    expect([...values('event')]).toContain('api.accessed');
    expect(values('eventTimestamp').size).toBe((items.length * 4) / 5);
    expect(items.every((item) => typeof item['actorId'] === 'string')).toBe(true);
    expect([...values('impersonatingActorId')]).toEqual(
      expect.arrayContaining([null, undefined, expect.stringMatching(/^\d+$/)]),
    );
    expect([...values('ipAddress')].some((address) => String(address).includes(':'))).toBe(true);
    const ids = actorsOf(answer).map((actor) => actor['actorId']);
    expect(items.every((item) => ids.includes(item['actorId']))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are kept for thirty days', async () => {
    let now = NOW;
    const fake = await start({ audit: sparse, now: () => now });
    const moments = async (): Promise<number[]> =>
      (await allPages(fake, { dateFrom: '2026-01-01' })).flatMap(itemsOf).map(momentOf);
    const first = await moments();
    expect(Math.min(...first)).toBeGreaterThanOrEqual(NOW - 30 * DAY_MS);
    expect(Math.min(...first)).toBeLessThan(NOW - 30 * DAY_MS + DAY_MS / 50);
    expect(Math.max(...first)).toBeLessThan(NOW);
    now += 10 * DAY_MS;
    const later = await moments();
    expect(later.filter((moment) => moment < NOW)).toEqual(first.filter((moment) => moment >= now - 30 * DAY_MS));
    now += 30 * DAY_MS;
    expect((await page(fake, { dateTo: '2026-10-15' })).body).toEqual({ items: [], actors: [] });
  });

  it('can be filtered, in a page as in a file', async () => {
    const fake = await start({ audit: sparse });
    const all = itemsOf(await exported(fake, path, {}));
    const actor = all[30]?.['actorId'];
    const session = all[77]?.['sessionId'];
    const impersonator = all.find((item) => typeof item['impersonatingActorId'] === 'string')?.['impersonatingActorId'];
    const filters: readonly [string, unknown][] = [
      ['actorId', actor],
      ['impersonatingActorId', impersonator],
      ['sessionId', session],
      ['sessionType', 'IOS'],
      ['event', 'api.accessed'],
    ];
    for (const [name, value] of filters) {
      const wanted = all.filter((item) => item[name] === value);
      expect(wanted.length, name).toBeGreaterThan(0);
      expect((await allPages(fake, { [name]: String(value) })).flatMap(itemsOf), name).toEqual(wanted);
      const inBody = name.endsWith('ctorId') ? Number(value) : value;
      expect(itemsOf(await exported(fake, path, { [name]: inBody })), name).toEqual(wanted);
    }
    const both = { sessionType: 'IOS', event: 'api.accessed', dateFrom: '2026-10-01T00:00:00+02:00' };
    const from = Date.parse('2026-10-01T00:00:00+02:00');
    expect((await allPages(fake, both)).flatMap(itemsOf)).toEqual(
      all.filter((item) => item['sessionType'] === 'IOS' && item['event'] === 'api.accessed' && momentOf(item) >= from),
    );
    const unknown = { sessionId: String(session).replace(/^\d{8}/, '00000000') };
    expect((await page(fake, unknown)).body).toEqual({ items: [], actors: [] });
  });

  it('may tell their moment as seconds and nanoseconds', async () => {
    const day = { dateFrom: '2026-10-14', dateTo: '2026-10-14', limit: '1000' };
    const perDay = 777;
    const iso = itemsOf(await page(await start({ audit: { perDay } }), day)).map(momentOf);
    const epoch = itemsOf(await page(await start({ audit: { perDay, time: 'epoch' } }), day));
    expect(new Set(iso.map((moment) => moment % 1000)).size).toBeGreaterThan(100);
    expect(
      epoch.map((item) => {
        const { epochSecond, nano } = item['eventTimestamp'] as { epochSecond: number; nano: number };
        return epochSecond * 1000 + nano / 1_000_000;
      }),
    ).toEqual(iso);
    const file = await exported(await start({ audit: { perDay, time: 'epoch' } }), path, { dateFrom: '2026-10-14' });
    expect(itemsOf(file).slice(0, epoch.length)).toEqual(epoch);
  });

  it('may come under the name of activities', async () => {
    const fake = await start({ audit: { ...sparse, list: 'activities' } });
    const { body } = await page(fake);
    expect(body['activities']).toHaveLength(100);
    expect(body).not.toHaveProperty('items');
    const { body: file, jobId } = await exported(fake, path, {});
    expect(file['activities']).toEqual([...fake.expected(jobId).records('activities')]);
  });

  it('name as personal values their people, addresses, sessions and what is told of people', async () => {
    const fake = await start({ audit: sparse });
    const answer = await exported(fake, path, { dateFrom: '2026-10-14' });
    const values = new Set([...fake.expected(answer.jobId).personalValues()].map(({ value }) => value));
    const told = [
      ...itemsOf(answer).flatMap((item) => {
        const { submittedFor, recipients, with: other, note } = item['eventParameters'] as Record<string, unknown>;
        return [item['ipAddress'], item['sessionId'], submittedFor, ...[recipients].flat(), other, note];
      }),
      ...actorsOf(answer).flatMap(({ name, email }) => [name, email]),
    ];
    expect(values).toEqual(new Set(told.filter((value) => typeof value === 'string' && value !== '')));
  });

  it('are the same for another server with the same seed', async () => {
    const day = { dateFrom: '2026-10-14' };
    const [one, same, other] = [await start({ seed: 7 }), await start({ seed: 7 }), await start({ seed: 8 })];
    expect(itemsOf(await page(same, day))).toEqual(itemsOf(await page(one, day)));
    expect(itemsOf(await page(other, day))).not.toEqual(itemsOf(await page(one, day)));
  });
});

describe('the generator of audit events', () => {
  const fileOf = (perDay: number, event: string | null) => {
    const filter = { actorId: null, impersonatingActorId: null, sessionId: null, sessionType: null, event };
    const window = { from: Date.UTC(2026, 0, 1, 7, 11), to: Date.UTC(2026, 0, 12) };
    const selection = new AuditSelection({ perDay, time: 'iso', list: 'items' }, 1, { ...window, ...filter });
    return objectOfLists(selection.lists(selection.range, UNCUT), false);
  };

  it.each([null, 'user.login'])('gives any part of the bytes of its file (event: %s)', (event) => {
    const file = fileOf(137, event);
    const whole = Buffer.concat([...file.chunks()]);
    expect(() => JSON.parse(whole.toString('utf8')) as unknown).not.toThrow();
    for (let round = 0; round < 200; round += 1) {
      const from = (round * 7919) % file.bytes;
      const to = Math.min(file.bytes, from + 1 + ((round * 104_729) % 5000));
      expect(file.slice(from, to).equals(whole.subarray(from, to))).toBe(true);
    }
  });

  it('reads in the middle of a hundred million events without what stands before', () => {
    const file = fileOf(10_000_000, null);
    expect(file.bytes).toBeGreaterThan(2 ** 35);
    const middle = file.slice(2 ** 34, 2 ** 34 + 4000).toString('utf8');
    expect(middle).toMatch(/"eventTimestamp":"2026-01-\d\dT[\d:.]{12}Z"\},\{/);
    expect(
      file
        .slice(file.bytes - 100, file.bytes)
        .toString('utf8')
        .endsWith('}]}'),
    ).toBe(true);
  });
});
