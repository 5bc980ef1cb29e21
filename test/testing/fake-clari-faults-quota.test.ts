import { beforeEach, describe, expect, it } from 'vitest';
import type { FakeClari, FaultRule } from '../../src/testing/index.js';
import { OTHER_TOKEN, TOKEN, call, create, startFake } from './fake-clari-client.js';

const limits = async (fake: FakeClari): Promise<unknown> => (await call(fake, '/admin/limits')).body['jobs'];

describe('the quota', () => {
  let now: number;
  beforeEach(() => {
    now = Date.UTC(2026, 9, 15, 10, 30, 0);
  });
  const startAt = (...faults: readonly FaultRule[]): Promise<FakeClari> =>
    startFake({ dialect: 'published', faults, now: () => now });
  const free = { availableMonthlyQuota: 1000, availableConcurrentLimit: 3 };
  const refused = async (fake: FakeClari, token?: string): Promise<void> => {
    const { status, body } = await create(fake, {}, undefined, token);
    expect([status, body['code'], body['source']]).toEqual([400, 'export_monthly_quota_reached', 'Export']);
  };

  it.each([
    ['monthly', { availableMonthlyQuota: 0, availableConcurrentLimit: 3 }],
    ['concurrency', { availableMonthlyQuota: 1000, availableConcurrentLimit: 0 }],
  ] as const)('that turns out to be reached (%s) shows after the refusal, and ends', async (limit, none) => {
    const fake = await startAt({ times: 2, fault: { kind: 'quota-reached', limit } });
    for (let times = 0; times < 2; times++) {
      expect(await limits(fake)).toMatchObject(free);
      await refused(fake);
      now += 1999;
      expect(await limits(fake)).toMatchObject(none);
      // The shortage is everybody's, and another refusal in it is not another shortage.
      await refused(fake, OTHER_TOKEN);
      now += 1;
    }
    expect(await limits(fake)).toMatchObject(free);
    expect((await create(fake)).status).toBe(200);
    expect(fake.jobs.all()).toHaveLength(1);
    expect(fake.faults.rules()).toMatchObject([{ struck: 4 }]);
    expect(fake.faults.struck()).toHaveLength(4);
  });

  it('that one request finds reached lasts as long as was said, and is over when the rule is', async () => {
    const fake = await startAt({ match: { userId: 40_112 }, fault: { kind: 'quota-reached', lastsMs: 5000 } });
    expect((await create(fake, {}, undefined, OTHER_TOKEN)).status).toBe(200);
    await refused(fake);
    now += 4999;
    expect(await limits(fake)).toMatchObject({ availableMonthlyQuota: 0 });
    fake.faults.clear();
    expect(await limits(fake)).toMatchObject({ availableMonthlyQuota: 999 });
  });

  it('is not reached for who has no good token, nor by a chance of 0', async () => {
    const fake = await startAt({ fault: { kind: 'quota-reached' } });
    expect((await create(fake, {}, undefined, 'stranger')).status).toBe(401);
    expect(await limits(fake)).toMatchObject(free);
    fake.faults.set([{ probability: 0, times: 'always', fault: { kind: 'quota-reached', shown: 'after' } }]);
    expect((await create(fake)).status).toBe(200);
    expect(await limits(fake)).toMatchObject({ availableMonthlyQuota: 999 });
  });

  it.each<[string, FaultRule, number]>([
    ['for the time of the rule', { forMs: 600_000, fault: { kind: 'quota-reached', shown: 'before' } }, 600_000],
    ['so often', { forMs: 600_000, times: 2, fault: { kind: 'quota-reached', shown: 'before' } }, 0],
    ['until the rule goes', { times: 'always', fault: { kind: 'quota-reached' } }, Infinity],
  ])('that others have used up shows from the beginning, %s', async (_, rule, lastsMs) => {
    const fake = await startAt(rule);
    for (let times = 0; times < 2; times++) {
      expect(await limits(fake)).toMatchObject({ availableMonthlyQuota: 0 });
      await refused(fake, times === 0 ? TOKEN : OTHER_TOKEN);
    }
    if (lastsMs === Infinity) {
      now += 31_000_000_000;
      expect(await limits(fake)).toMatchObject({ availableMonthlyQuota: 0 });
      fake.faults.clear();
    } else if (lastsMs > 0) {
      now += lastsMs - 1;
      expect(await limits(fake)).toMatchObject({ availableMonthlyQuota: 0 });
      now += 1;
    }
    expect(await limits(fake)).toMatchObject(free);
    expect((await create(fake)).status).toBe(200);
  });
});
