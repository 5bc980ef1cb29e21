import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ClariProxy } from '../support/clari-proxy.js';
import type { ChildResult } from '../support/child.js';
import { failureOf, stage, start } from '../support/runs.js';
import { startProxied } from '../support/proxied-world.js';
import type { World } from '../support/world.js';
import { runHere } from './run-here.js';

let proxy: ClariProxy;
let world: World;
beforeAll(async () => {
  ({ world, proxy } = await startProxied({
    pollsUntilDone: 1_000_000,
    concurrentLimit: 10,
    forecasts: ['running', 'lost'].map((forecastId) => ({
      ...{ forecastId, forecastName: forecastId, entries: 100, shape: 'five-lists' },
    })),
    reconciling: { quiet: 200, giveUp: 400, lookAgain: 100 },
  }));
});
afterAll(async () => {
  await world.close();
  await proxy.close();
});

async function account(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<ChildResult> {
  for (const [name, value] of Object.entries({ ...world.environment, ...more })) vi.stubEnv(name, value);
  try {
    return await runHere('account', ...words);
  } finally {
    vi.unstubAllEnvs();
  }
}

describe('clari-temporal account', () => {
  test('shows the lease, and the job of each export', async () => {
    const run = await start(world, { forecastId: 'running', timePeriod: '2027_Q2' });
    const { facts } = await stage(run, 'exporting');
    const { exitCode, stdout, stderr } = await account(['show']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Account default\nCreation lease: free\nJobs made in excess: 0\n');
    expect(stdout).toMatch(new RegExp(`${String(facts.export)} +created +${String(facts['Clari job'])} +1 `));
    const json = JSON.parse((await account(['show', '--json'])).stdout) as { entries: { jobId: string }[] };
    expect(json.entries.map(({ jobId }) => jobId)).toEqual([facts['Clari job']]);
  });

  test('release --no-job lets the next equal export ask for a job, once a person has looked', async () => {
    const asked = { forecastId: 'lost', timePeriod: '2027_Q2' };
    const foreign = { ...asked, typesToExport: ['forecast'], currency: null, scopeId: null } as const;
    void proxy.spoilNext({
      fits: (method) => method === 'POST',
      does: 'lose-answer',
      // Somebody else's of the same moment: nobody can tell which one the lost answer was about.
      onAnswer: () => void world.clari.jobs.create(40_112, { ...foreign, includeHistorical: true }),
    });
    expect((await failureOf((await start(world, asked, 'lost')).result())).type).toBe('CreateOutcomeUnknown');
    const exportId = /^ +(\S+) +posting /m.exec((await account(['show'])).stdout)?.[1] ?? '';
    expect((await account(['release', exportId])).stderr).toContain('Nothing to release');
    expect(await account(['release', exportId, '--no-job'])).toMatchObject({
      exitCode: 0,
      stdout: `Released ${exportId}.\n`,
    });
    const posts = proxy.posts();
    await stage(await start(world, asked, 'again'), 'exporting');
    expect(proxy.posts() - posts).toBe(1);
  });

  const faulty: readonly [string, readonly string[], Readonly<Record<string, string>>, RegExp][] = [
    [
      'an account without a ledger',
      ['show', '--account', 'nobody'],
      {},
      /No ledger test-\w+-account-nobody in namespace default/,
    ],
    ['a task queue of nobody', ['show', '--task-queue', 'nobody'], {}, /No ledger nobody-account-default/],
    [
      'a server that is not there',
      ['show'],
      { TEMPORAL_ADDRESS: '127.0.0.1:1' },
      /can not be reached at 127\.0\.0\.1:1/,
    ],
    ['a misspelt TLS', ['show'], { TEMPORAL_TLS: 'yes' }, /TEMPORAL_TLS: must be exactly/],
  ];
  test.each(faulty)('says what is wrong with %s', async (_, words, more, message) => {
    const { exitCode, stdout, stderr } = await account(words, more);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
