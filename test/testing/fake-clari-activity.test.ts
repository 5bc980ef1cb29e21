import { describe, expect, it } from 'vitest';
import type { ExpectedRecord, FakeClari, FakeClariOptions } from '../../src/testing/index.js';
import { activityLists } from '../../src/testing/fake-clari/data/activities.js';
import { UNCUT } from '../../src/testing/fake-clari/data/cut.js';
import { objectOfLists } from '../../src/testing/fake-clari/data/framing.js';
import { call, create, exported, post, startFake } from './fake-clari-client.js';

const NOW = Date.UTC(2026, 9, 15, 10, 30);
const DAY_MS = 86_400_000;
const path = '/export/activity';
const day = (of: string): string => `2026-10-${of}T00:00:00Z`;

const start = (options: Partial<FakeClariOptions> = {}): Promise<FakeClari> =>
  startFake({ dialect: 'published', now: () => NOW, ...options });

async function activities(fake: FakeClari, body: unknown): Promise<ExpectedRecord[]> {
  return (await exported(fake, path, body)).body['activities'] as ExpectedRecord[];
}
const momentOf = (activity: ExpectedRecord): number => Number(activity['date']);

describe('an export of activities', () => {
  it('is a job like others, of its own module', async () => {
    const fake = await start();
    const created = await post(fake, path, { startDate: day('14') });
    expect([created.status, Object.keys(created.body)]).toEqual([202, ['jobId']]);
    expect((await call(fake, `/export/jobs/${String(created.body['jobId'])}`)).body).toMatchObject({
      module: 'ACTIVITY',
      fileType: 'JSON',
      fileName: 'clari_export_activity_733_20261015_103000.json',
      status: 'SCHEDULED',
    });
    expect(fake.jobs.all()[0]).toMatchObject({ kind: 'activity' });
    expect(fake.journal.jobsCreated()).toEqual([created.body['jobId']]);
  });

  it.each<[string, unknown]>([
    ['no body', ''],
    ['text that is no JSON', 'startDate=today'],
    ['a list', []],
    ['no startDate', { endDate: day('14') }],
    ['a startDate without an offset', { startDate: '2026-10-14T00:00:00' }],
    ['a startDate without a time', { startDate: '2026-10-14' }],
    ['a day that does not exist', { startDate: '2026-02-30T00:00:00Z' }],
    ['an end before the start', { startDate: day('14'), endDate: day('13') }],
    ['an unknown type', { startDate: day('14'), activityTypes: ['CALL'] }],
    ['a type that is no list', { startDate: day('14'), activityTypes: 'MEETING' }],
    ['CSV', { startDate: day('14'), exportFormat: 'CSV' }],
  ])('is refused with %s', async (_, body) => {
    const fake = await start({ orgId: 9 });
    const { status, body: answer } = await post(fake, path, body);
    expect(status).toBe(400);
    expect(Object.keys(answer).sort()).toEqual(['code', 'errorId', 'message', 'namespace', 'orgId', 'userId']);
    expect(answer).toMatchObject({ code: 'bad_request', namespace: 'activity', userId: 40_112, orgId: 9 });
    expect(fake.jobs.all()).toEqual([]);
  });

  it('shares limits with the other exports', async () => {
    const fake = await start({ concurrentLimit: 2 });
    await create(fake);
    const mine = String((await post(fake, path, { startDate: day('14') })).body['jobId']);
    for (const refused of [await post(fake, path, { startDate: day('14') }), await create(fake)]) {
      expect([refused.status, refused.body['code']]).toEqual([400, 'export_monthly_quota_reached']);
      expect(refused.body).toMatchObject({ namespace: 'exports', source: 'Export' });
    }
    expect((await call(fake, '/admin/limits')).body['jobs']).toMatchObject({
      submittedJobIds: expect.arrayContaining([mine]) as unknown,
      availableConcurrentLimit: 0,
    });
    expect((await post(fake, path, { startDate: day('14') }, 'no-such-token')).body).toEqual({
      message: expect.any(String) as unknown,
    });
  });
});

describe('a file of activities', () => {
  it('is what the oracle expects, with every documented member', async () => {
    const fake = await start();
    const { body, bytes, jobId } = await exported(fake, path, { startDate: day('10') });
    const expected = fake.expected(jobId);
    const found = body['activities'] as ExpectedRecord[];
    expect(Object.keys(body)).toEqual(['activities']);
    expect(found).toEqual([...expected.records('activities')]);
    expect([expected.counts.activities, expected.bytes]).toEqual([found.length, bytes.length]);
    for (const activity of found) {
      expect(Object.keys(activity)).toEqual([
        ...['activityId', 'activityType', 'subject', 'date', 'activityOwnerId', 'activityOrganiserId'],
        ...['accounts', 'opportunities', 'participants'],
      ]);
    }
    const people = found.flatMap((activity) => activity['participants'] as ExpectedRecord[]);
    const outsiders = people.filter((person) => person['isInternal'] === false);
    expect(new Set(outsiders.map((person) => person['sfdcUserId']))).toEqual(new Set(['']));
    expect(new Set(people.map((person) => person['isInternal']))).toEqual(new Set([true, false]));
    expect(new Set(found.map((activity) => typeof activity['date']))).toEqual(new Set(['number', 'string']));
    expect(new Set(found.map((activity) => activity['activityType'])).size).toBe(5);
    expect(new Set(found.map((activity) => activity['activityId'])).size).toBe(found.length);
  });

  it.each([
    ['the time of day does not count', '2026-10-12T23:59:59Z', '2026-10-13T00:00:01Z', Date.UTC(2026, 9, 12), 2],
    ['the offset does', '2026-10-12T09:00:00+02:00', '2026-10-12T21:00:00+02:00', Date.UTC(2026, 9, 11, 22), 1],
    [
      'west of Greenwich too',
      '2026-10-12T09:00:00-05:30',
      '2026-10-12T09:00:00-05:30',
      Date.UTC(2026, 9, 12, 5, 30),
      1,
    ],
  ])('holds whole days, and %s', async (_, startDate, endDate, from, days) => {
    const fake = await start();
    const window = await activities(fake, { startDate, endDate });
    const wider = await activities(fake, { startDate: day('01'), endDate: day('15') });
    const inside = (activity: ExpectedRecord): boolean =>
      momentOf(activity) >= from && momentOf(activity) < from + days * DAY_MS;
    expect(window).toEqual(wider.filter(inside));
    expect(window).toHaveLength(200 * days);
  });

  it('ends now, not at the end of the day', async () => {
    const today = await activities(await start(), { startDate: day('15') });
    expect(Math.max(...today.map(momentOf))).toBeLessThan(NOW);
    expect(today.length).toBeGreaterThan(50);
    expect(await activities(await start(), { startDate: day('16'), endDate: day('17') })).toEqual([]);
  });

  it('holds the types that were asked for, else all', async () => {
    const fake = await start();
    const all = await activities(fake, { startDate: day('12'), endDate: day('13'), activityTypes: null });
    const wanted = ['MEETING', 'EMAIL_SENT'];
    const some = await activities(fake, { startDate: day('12'), endDate: day('13'), activityTypes: wanted });
    expect(some).toEqual(all.filter((activity) => wanted.includes(String(activity['activityType']))));
    expect(some.length).toBeGreaterThan(0);
  });

  it('is the same for another server with the same seed, and empty where nothing happens', async () => {
    const body = { startDate: day('12'), endDate: day('12') };
    const [one, same, other] = [await start({ seed: 7 }), await start({ seed: 7 }), await start({ seed: 8 })];
    expect(await activities(same, body)).toEqual(await activities(one, body));
    expect(await activities(other, body)).not.toEqual(await activities(one, body));
    expect(await activities(await start({ activitiesPerDay: 0 }), body)).toEqual([]);
    expect(await activities(one, { startDate: '2019-12-01T00:00:00Z', endDate: '2019-12-31T00:00:00Z' })).toEqual([]);
  });

  it('names every text about a person as a personal value', async () => {
    const fake = await start();
    const { body, jobId } = await exported(fake, path, { startDate: day('12'), endDate: day('13') });
    const found = body['activities'] as Record<string, Record<string, unknown>[]>[];
    const values = new Set([...fake.expected(jobId).personalValues()].map(({ value }) => value));
    const told = found.flatMap((activity) => [
      activity['subject'],
      ...(activity['participants'] ?? []).flatMap(({ name, email }) => [name, email]),
      ...(activity['accounts'] ?? []).map(({ accountName }) => accountName),
      ...(activity['opportunities'] ?? []).map(({ opportunityName }) => opportunityName),
    ]);
    expect(values).toEqual(new Set(told.filter((value) => typeof value === 'string' && value !== '')));
  });
});

describe('the generator of activities', () => {
  const fileOf = (perDay: number, days: number, types: readonly 'MEETING'[] | null = null) => {
    const window = { from: Date.UTC(2026, 0, 1, 7, 11), to: Date.UTC(2026, 0, 1 + days) };
    return objectOfLists(activityLists(perDay, 1, { ...window, activityTypes: types }, UNCUT), false);
  };

  it.each([1, 7, 30])('gives any part of the bytes of %i days', (days) => {
    for (const types of [null, ['MEETING'] as const]) {
      const file = fileOf(137, days, types);
      const whole = Buffer.concat([...file.chunks()]);
      expect(() => JSON.parse(whole.toString('utf8')) as unknown).not.toThrow();
      for (let round = 0; round < 100; round += 1) {
        const from = (round * 7919) % file.bytes;
        const to = Math.min(file.bytes, from + 1 + ((round * 104_729) % 5000));
        expect(file.slice(from, to).equals(whole.subarray(from, to))).toBe(true);
      }
    }
  });

  it('reads in the middle of a hundred million activities without what stands before', () => {
    const file = fileOf(10_000_000, 10);
    expect(file.bytes).toBeGreaterThan(2 ** 35);
    const middle = file.slice(2 ** 34, 2 ** 34 + 4000).toString('utf8');
    expect(middle).toMatch(/\},\{"activityId":"ac\d{30}","activityType":"/);
    expect(
      file
        .slice(file.bytes - 100, file.bytes)
        .toString('utf8')
        .endsWith('}]}'),
    ).toBe(true);
  });

  it('refuses a number a day that can not be', async () => {
    await expect(start({ activitiesPerDay: -1 })).rejects.toThrow('activitiesPerDay must be an integer');
    await expect(start({ audit: { perDay: 0.5 } })).rejects.toThrow('audit.perDay must be an integer');
  });
});
