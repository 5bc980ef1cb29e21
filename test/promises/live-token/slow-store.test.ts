import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cachedSecret } from '../../../src/secrets/cached-secret.js';
import { commandSecret } from '../../../src/secrets/command.js';
import { quickRetries, smallForecast, timePeriod, unfinished } from '../../support/faulty-runs.js';
import { failureOf, jobOf, start } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

const userId = 40_112;
const together = ['first', 'second', 'third', 'fourth', 'fifth'];
const alone = ['before', 'after', 'down', 'gone', 'dead'];
let folder: string;
let tokenFile: string;
let world: World;
/** Of the cache; stands still, so that no value of it grows old by itself. */
let now = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'clari-store-'));
  tokenFile = path.join(folder, 'token');
  await writeFile(tokenFile, 'token-one\n');
  const token = cachedSecret(commandSecret(['cat', tokenFile]), { now: () => now });
  world = await startWorld({
    tokens: [{ token: 'token-one', userId }],
    forecasts: [...together, ...alone].map(smallForecast),
    concurrentLimit: 100,
    settings: ({ accounts }) => ({ limits: quickRetries, accounts: accounts.map((one) => ({ ...one, token })) }),
  });
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** Without a moment in which both are good; the store has the new one by then, and the cache the old one. */
async function replace(from: string, to: string): Promise<void> {
  await writeFile(`${tokenFile}.new`, `${to}\n`);
  await rename(`${tokenFile}.new`, tokenFile);
  world.clari.tokens.add({ token: to, userId });
  world.clari.tokens.revoke(from);
}

const refused = (): number => world.clari.journal.entries.filter(({ status }) => status === 401).length;
const downLines = (): string[] => world.logs.filter((line) => line.includes('secret store down'));

// One after the other: each begins with the token that the one before has left.
describe('a token that is read through a cache', () => {
  test('replaced between two exports: the next one is refused once, asks the store, and goes on', async () => {
    await world.export({ forecastId: 'before', timePeriod });
    await replace('token-one', 'token-two');
    const receipt = await world.export({ forecastId: 'after', timePeriod });
    expect(receipt.complete).toBe(true);
    expect(refused()).toBe(1);
  });

  test('replaced in the middle of five exports: none of them fails', async () => {
    world.clari.faults.add(unfinished);
    const runs = await Promise.all(together.map((forecastId) => start(world, { forecastId, timePeriod }, forecastId)));
    await Promise.all(runs.map(jobOf));
    const before = refused();
    await replace('token-two', 'token-three');
    await world.clari.journal.waitFor(() => refused() > before);
    world.clari.faults.clear();
    for (const receipt of await Promise.all(runs.map((run) => run.result()))) expect(receipt.complete).toBe(true);
    // All that was under way with the old one, and nothing after that.
    expect(refused()).toBeLessThanOrEqual(before + together.length);
  });

  test('while the store is down: the last one is used, and the log says so', async () => {
    await rm(tokenFile);
    now = 120_000;
    const receipt = await world.export({ forecastId: 'down', timePeriod });
    expect(receipt.complete).toBe(true);
    expect(downLines()).toEqual([
      expect.stringMatching(
        /"level":"warn".*"secret":"exec:cat".*ended with code 1.* 2 min ago is used, for 13 min more/,
      ),
    ]);
  });

  test('revoked while the store is down: the run waits for the store, and takes what it then has', async () => {
    world.clari.tokens.revoke('token-three');
    const run = await start(world, { forecastId: 'gone', timePeriod });
    await world.clari.journal.waitFor(() => world.clari.journal.entries.at(-1)?.status === 401);
    world.clari.tokens.add({ token: 'token-four', userId });
    await writeFile(tokenFile, 'token-four\n');
    expect((await run.result()).complete).toBe(true);
  });

  test('revoked without a new one: the run fails at once', async () => {
    world.clari.tokens.revoke('token-four');
    const failure = await failureOf(world.export({ forecastId: 'dead', timePeriod }));
    expect(failure.type).toBe('TokenRejected');
    for (const token of world.clari.tokens.everKnown()) expect(world.logs.join('\n')).not.toContain(token);
  });
});
