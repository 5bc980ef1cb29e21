import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import {
  expectNoLinks,
  expectWhole,
  fetchesOf,
  jobsOf,
  quickRetries,
  sizeOfFile,
  smallForecast,
  startFaulty,
  struckBy,
} from '../../support/faulty-runs.js';
import { share } from '../../support/share.js';
import { failureOf } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/* Links, and Clari's own results endpoint, that say no (fault 9), through the real worker. */

type Fault = FaultRule['fault'];
const status = (code: number, envelope: 'coded' | 'gateway-message' | 'html' | 'text' | 'xml', more = {}): Fault => ({
  kind: 'status',
  status: code,
  envelope,
  ...more,
});
const half = (size: number): number => Math.floor(size / 2);
const options = { concurrentLimit: 100, pollsUntilDone: 0, settings: { idleTimeoutMs: 5_000, limits: quickRetries } };

describe('a link that has lapsed', () => {
  const refusals = {
    'a 400': status(400, 'text'),
    'a 403': status(403, 'xml'),
    'a 404': status(404, 'xml'),
    'a 410': status(410, 'gateway-message'),
    'an HTML page with 200': status(200, 'html'),
    'another page with 200': status(200, 'xml'),
  } as const;
  const names = Object.keys(refusals) as (keyof typeof refusals)[];
  const idOf = (name: keyof typeof refusals, when: string): string => `${when}_${names.indexOf(name)}`;

  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      ...options,
      dialect: 'brief',
      // A link that were used twice would be refused.
      linkUses: 1,
      forecasts: [...names.flatMap((name) => [idOf(name, 'first'), idOf(name, 'later')]), 'expiring', 'expired'].map(
        smallForecast,
      ),
    });
  });
  afterAll(() => world.close());

  test.concurrent.for(share(names))('fault 9: at first use, by %s, is replaced', async (name) => {
    const run = await startFaulty(world, idOf(name, 'first'), [{ match: { endpoint: 'link' }, fault: refusals[name] }]);
    const receipt = await run.result();
    expect(struckBy(world, idOf(name, 'first'))).toEqual({ status: 1 });
    expect(fetchesOf(world, receipt.jobId).map(({ range }) => range)).toEqual([undefined, undefined]);
    await expectWhole(world, receipt);
    await expectNoLinks(world, run);
  });

  test.concurrent.for(share(names))('fault 9: half-way, by %s, is replaced, and the download goes on', async (name) => {
    const forecastId = idOf(name, 'later');
    const size = sizeOfFile(world, forecastId);
    const run = await startFaulty(world, forecastId, [
      { match: { endpoint: 'link' }, fault: { kind: 'cut', afterBytes: half(size) } },
      { match: { endpoint: 'link' }, after: 1, fault: refusals[name] },
    ]);
    const receipt = await run.result();
    const [first, refused, last, ...more] = fetchesOf(world, receipt.jobId);
    expect(more).toEqual([]);
    expect(refused?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(last).toMatchObject({ range: refused?.range, status: 206 });
    expect((first?.bytesSent ?? 0) + (last?.bytesSent ?? 0)).toBe(size);
    await expectWhole(world, receipt);
    await expectNoLinks(world, run);
  });

  // By themselves: every link lapses, those of other runs too.
  test('fault 9: links that all lapse while one is in use are replaced, and the download comes to its end', async () => {
    const run = await startFaulty(world, 'expiring', [
      {
        match: { endpoint: 'link' },
        times: 2,
        fault: { kind: 'expire-links', afterBytes: half(sizeOfFile(world, 'expiring')) },
      },
    ]);
    const receipt = await run.result();
    expect(struckBy(world, 'expiring')).toEqual({ 'expire-links': 2 });
    await expectWhole(world, receipt);
    await expectNoLinks(world, run);
  });

  test('fault 9: a file that has expired has no link, and the run says that it has expired', async () => {
    const { jobId } = await world.export({ forecastId: 'expired', timePeriod: '2027_Q2' });
    world.clari.jobs.update(jobId, { expiredTime: Date.now() - 60_000 });
    const failure = await failureOf(world.export({ forecastId: 'expired', timePeriod: '2027_Q2', jobId }));
    expect(failure.type).toBe('ExportExpired');
  });
});

describe('the results endpoint that says no', () => {
  const notReady = status(400, 'coded', { code: 'invalid_jobId' });
  const passing = {
    '400 for a job that it says is done': notReady,
    '404 for a job that it says is done': status(404, 'gateway-message'),
    'a page of a proxy with 200': status(200, 'html'),
    'a 429': status(429, 'gateway-message', { retryAfter: 1 }),
    'a 503': status(503, 'html'),
  } as const;
  const final = {
    'a 403': [status(403, 'coded', { code: 'SWW' }), 'AccessDenied'],
    'a 410': [status(410, 'coded', { code: 'gone' }), 'ExportExpired'],
  } as const;
  const names = Object.keys(passing) as (keyof typeof passing)[];
  const finals = Object.keys(final) as (keyof typeof final)[];
  const idOf = (name: string): string => name.replace(/\W/g, '_');

  let world: World;
  beforeAll(async () => {
    world = await startWorld({ ...options, forecasts: [...names, ...finals].map(idOf).map(smallForecast) });
  });
  afterAll(() => world.close());

  test.concurrent.for(share(names))('fault 9: by %s, twice, is asked again', async (name) => {
    const run = await startFaulty(world, idOf(name), [
      { match: { endpoint: 'results' }, times: 2, fault: passing[name] },
    ]);
    const receipt = await run.result();
    expect(struckBy(world, idOf(name))).toEqual({ status: 2 });
    await expectWhole(world, receipt);
  });

  test.concurrent.for(share(finals))('fault 9: by %s is believed', async (name) => {
    const [fault, type] = final[name];
    const run = await startFaulty(world, idOf(name), [{ match: { endpoint: 'results' }, times: 'always', fault }]);
    expect((await failureOf(run.result())).type).toBe(type);
    const [jobId = '', ...others] = jobsOf(world, idOf(name));
    expect(others).toEqual([]);
    expect(fetchesOf(world, jobId)).toHaveLength(1);
  });
});
