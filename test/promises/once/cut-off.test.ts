import { expect, test } from 'vitest';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import {
  quickRetries,
  smallForecast,
  expectWhole,
  postsOf,
  sizeOfFile,
  timePeriod,
} from '../../support/faulty-runs.js';
import { start, until, type ExportHandle } from '../../support/runs.js';
import { TcpProxy, type Line } from '../../support/tcp-proxy.js';
import { share } from '../../support/share.js';
import { startWorld, type World } from '../../support/world.js';

/*
 * A worker cut off from Clari (fault 4) for longer than one call: new connections fare no better than the one that broke. Single
 * lost answers and bodies that break are in lost-answer.test.ts and in fresh-link/faults.test.ts.
 */

const forecastId = 'net_arr';
type Endpoint = 'createForecastExport' | 'jobStatus' | 'results';

/** Where the line breaks, and the activity that is then under way. */
const places: readonly (readonly [name: string, endpoint: Endpoint, activity: string])[] = [
  ['the request for a job', 'createForecastExport', 'startExport'],
  ['a poll', 'jobStatus', 'awaitExport'],
  ['the download', 'results', 'downloadExport'],
];
const rows = places.flatMap((place) =>
  (['cut', 'silent'] as const).map((line): [Line, ...typeof place] => [line, ...place]),
);

/** Time for the line to break while Clari has the request and the worker no answer, or half of it. */
const held = (endpoint: Endpoint, size: number): FaultRule => ({
  match: { endpoint },
  fault:
    endpoint === 'results'
      ? { kind: 'drip', bytes: 100, everyMs: 100, afterBytes: Math.floor(size / 2) }
      : { kind: 'delay', ms: 2_000 },
});

/** A world whose worker reaches Clari's API by a proxy. */
async function worldBehindProxy(): Promise<{ world: World; proxy: TcpProxy; close: () => Promise<void> }> {
  let proxy: TcpProxy | undefined;
  const world = await startWorld({
    forecasts: [smallForecast(forecastId)],
    apiUrl: async ({ apiUrl }) => {
      const url = new URL(apiUrl);
      proxy = await TcpProxy.start(url.host);
      url.host = proxy.address;
      return url.href;
    },
    reconciling: { quiet: 4_000, giveUp: 60_000, lookAgain: 500 },
    settings: { idleTimeoutMs: 3_000, limits: quickRetries },
  });
  if (!proxy) throw new Error('The world was to ask for its API.');
  const made = proxy;
  const close = async (): Promise<void> => {
    await world.close();
    await made.close();
  };
  return { world, proxy: made, close };
}

/** Resolves when so many attempts of an activity have failed. */
function failedAttempts(run: ExportHandle, activity: string, count: number): Promise<true> {
  return until(`${count} failed attempts of ${activity}`, async () => {
    const { raw } = await run.describe();
    const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
    return (pending?.attempt ?? 0) > count ? true : undefined;
  });
}

test.concurrent.for(share(rows))(
  'fault 4: a line to Clari that is %s from %s on, until a new connection has failed too, costs no second job',
  async ([line, , endpoint, activity], { onTestFinished }) => {
    const { world, proxy, close } = await worldBehindProxy();
    onTestFinished(close);
    const size = sizeOfFile(world, forecastId);
    world.clari.faults.add(held(endpoint, size));
    const run = await start(world, { forecastId, timePeriod });
    const reached = endpoint === 'results' ? size / 2 : 0;
    await world.clari.journal.waitFor((entry) => entry.endpoint === endpoint && entry.bytesSent >= Math.floor(reached));
    proxy.set(line);
    // Of silence each attempt takes half a minute to be sure, except in a download.
    await failedAttempts(run, activity, line === 'silent' && endpoint !== 'results' ? 1 : 2);
    proxy.set('open');
    await expectWhole(world, await run.result());
    expect(postsOf(world, forecastId)).toBe(1);
    expect(await world.stagedFiles()).toEqual([]);
  },
);

test.concurrent('fault 4: over a slow line each step takes its time, and is taken once', async ({ onTestFinished }) => {
  const { world, proxy, close } = await worldBehindProxy();
  onTestFinished(close);
  proxy.set('slow');
  const receipt = await (await start(world, { forecastId, timePeriod })).result();
  await expectWhole(world, receipt);
  const calls = (wanted: Endpoint) => world.clari.journal.entries.filter(({ endpoint }) => endpoint === wanted);
  expect([calls('createForecastExport').length, calls('results').length]).toEqual([1, 1]);
  expect(calls('jobStatus').every(({ end }) => end === 'whole')).toBe(true);
});
