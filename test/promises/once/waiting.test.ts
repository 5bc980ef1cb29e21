import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import {
  expectWhole,
  jobsOf,
  postsOf,
  quickRetries,
  smallForecast,
  startFaulty,
  struckBy,
  timePeriod,
} from '../../support/faulty-runs.js';
import { detailsOf, hurry, pendingAfter } from '../../support/pending.js';
import { ending, failureOf, stage } from '../../support/runs.js';
import { startWorld, type World, type WorldOptions } from '../../support/world.js';

/* Storms and quotas (fault 10) through the real worker: every wait is Temporal's, and every run has one job. */

type Status = Extract<FaultRule['fault'], { readonly kind: 'status' }>;
type Endpoint = NonNullable<NonNullable<FaultRule['match']>['endpoint']>;
const status = (code: number, more: Partial<Status> = {}): Status => ({ kind: 'status', status: code, ...more });
const at = (endpoint: Endpoint, fault: FaultRule['fault'], times = 1): FaultRule => ({
  match: { endpoint },
  times,
  fault,
});
interface Row {
  readonly title: string;
  readonly rules: readonly FaultRule[];
  /** Requests for a job that it takes. Default 1. */
  readonly posts?: number;
}

const storms: readonly Row[] = [
  ...(
    [
      ['no Retry-After', undefined],
      ['seconds', 1],
      ['a date', { dateIn: 1 }],
      ['a date that has gone by', { dateIn: -3600 }],
      ['less than nothing', '-5'],
      ['words', 'soon'],
    ] as const
  ).map(([name, retryAfter]): Row => ({
    title: `fault 10: a storm of 429 with ${name} on the job's status is waited out`,
    rules: [at('jobStatus', status(429, retryAfter === undefined ? {} : { retryAfter }), 2)],
  })),
  {
    title: 'fault 10: a 429 to the request for a job has made none: it is sent again',
    rules: [at('createForecastExport', status(429, { retryAfter: 1, envelope: 'gateway-error' }), 2)],
    posts: 3,
  },
  {
    title: 'fault 10: a burst of 5xx of all kinds is waited out',
    rules: [
      at('jobStatus', status(500, { envelope: 'coded' })),
      at('jobStatus', status(502, { envelope: 'html' })),
      at('jobStatus', status(503, { envelope: 'none', retryAfter: 1 })),
      at('jobStatus', status(504, { envelope: 'text' })),
      at('results', status(500, { envelope: 'coded' })),
    ],
  },
  {
    title: 'fault 10: a 5xx to the request for a job that was made is reconciled to that job',
    rules: [at('createForecastExport', status(500, { processed: true }))],
  },
  {
    title: 'fault 10: a 5xx to the request for a job that was not made is reconciled, and one is asked for',
    rules: [at('createForecastExport', status(502, { envelope: 'html' }))],
    posts: 2,
  },
];

const options: WorldOptions = {
  concurrentLimit: 100,
  pollsUntilDone: 0,
  reconciling: { quiet: 4_000, giveUp: 20_000, lookAgain: 500 },
  settings: { limits: quickRetries },
};
describe('a storm', () => {
  const idOf = (row: Row): string => `storm_${storms.indexOf(row)}`;
  const quotas = ['monthly', 'concurrency'] as const;
  let world: World;
  let worker: World['worker'];
  beforeAll(async () => {
    world = await startWorld({
      ...options,
      forecasts: [...storms.map(idOf), ...quotas, 'absurd', 'other', 'refused', 'everywhere'].map(smallForecast),
    });
    worker = world.worker;
  });
  afterAll(() => world.close());

  test.concurrent.for(storms)('$title', async (row) => {
    const receipt = await (await startFaulty(world, idOf(row), row.rules)).result();
    await expectWhole(world, receipt);
    expect(postsOf(world, idOf(row))).toBe(row.posts ?? 1);
    const due = row.rules.reduce((sum, { times }) => sum + Number(times), 0);
    expect(struckBy(world, idOf(row))).toEqual({ status: due });
  });

  // One after the other from here on: they look at waits, or do to Clari what every run sees.
  test('fault 10: an absurd Retry-After makes a run wait ten minutes, and no other one', async () => {
    const run = await startFaulty(world, 'absurd', [at('jobStatus', status(429, { retryAfter: 1e9 }))]);
    const waiting = await pendingAfter(run, 'ClariRateLimited');
    expect(waiting).toMatchObject({ activity: 'awaitExport', waitSeconds: 600 });
    await expectWhole(world, await world.export({ forecastId: 'other', timePeriod }));
    await hurry(world, run, 'awaitExport');
    await expectWhole(world, await run.result());
  });

  test('fault 10: a quota 400 although the limits show room is waited out, and can be cancelled', async () => {
    const full = status(400, { envelope: 'coded', code: 'export_monthly_quota_reached' });
    const run = await startFaulty(world, 'refused', [at('createForecastExport', full)]);
    const { facts } = await stage(run, 'waiting for capacity');
    expect(facts).toMatchObject({
      waiting: 'unknown limit of exports reached',
      free: expect.stringMatching(/^\d+ of 100 at once, \d+ of 1000 in 30 days$/) as unknown,
      'next look': expect.stringMatching(/^every 1 minute\(s\) or sooner, until \d{4}-/) as unknown,
    });
    expect((await pendingAfter(run, 'NoCapacity')).waitSeconds).toBe(60);
    await run.cancel();
    expect(await ending(world.client, run)).toBe('CANCELLED');
    expect(jobsOf(world, 'refused')).toEqual([]);
  });

  test.each(quotas)(
    'fault 10: a wait for the %s limit shows itself, outlives the worker, and costs nothing',
    async (limit) => {
      world.clari.faults.add({ times: 'always', fault: { kind: 'quota-reached', limit } });
      const run = await startFaulty(world, limit, []);
      await stage(run, 'waiting for capacity');
      const details = await detailsOf(run);
      const shown = {
        monthly: [
          /\| waiting \| monthly limit of exports/,
          /\d+ of 100 at once, 0 of 1000 in 30 days/,
          /every 15 minute/,
        ],
        concurrency: [
          /\| waiting \| concurrent limit of exports/,
          /0 of 100 at once, \d+ of 1000 in 30 days/,
          /every 1 minute/,
        ],
      };
      for (const part of shown[limit]) expect(details).toMatch(part);
      expect((await pendingAfter(run, 'NoCapacity')).failure.message).toMatch(
        /limit of 1000? is reached; looked at \d+ time/,
      );
      await worker.stop();
      worker = await world.anotherWorker();
      world.clari.faults.clear();
      await hurry(world, run, 'awaitCapacity');
      const receipt = await run.result();
      await expectWhole(world, receipt);
      expect(postsOf(world, limit)).toBe(1);
      expect(await detailsOf(run)).not.toMatch(/waiting|next look/);
    },
  );

  test('fault 10: a burst of 5xx from every endpoint but that for jobs is waited out', async () => {
    world.clari.faults.set([at(['limits', 'jobList', 'jobStatus', 'results'], status(503, { envelope: 'html' }), 6)]);
    const receipt = await world.export({ forecastId: 'everywhere', timePeriod });
    expect(world.clari.faults.rules()[0]?.struck).toBe(6);
    await expectWhole(world, receipt);
    expect(await world.stagedFiles()).toEqual([]);
  });
});

test('fault 10: a wait for quota that never ends is given up, and has asked for nothing', async () => {
  const brief = { scheduleToClose: 5, retryInitial: 1, retryMaximum: 1 };
  const world = await startWorld({
    ...options,
    forecasts: [smallForecast('full')],
    faults: [{ times: 'always', fault: { kind: 'quota-reached', limit: 'monthly' } }],
    settings: { limits: { ...quickRetries, awaitCapacity: brief } },
  });
  try {
    const failure = await failureOf(world.export({ forecastId: 'full', timePeriod }));
    expect(failure.type).toBe('QuotaExhausted');
    expect(failure.message).toContain('The monthly limit of 1000 is reached; looked at ');
    expect(postsOf(world, 'full')).toBe(0);
  } finally {
    await world.close();
  }
});
