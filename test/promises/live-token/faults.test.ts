import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeToken, FaultRule } from '../../../src/testing/fake-clari/index.js';
import { expectRow } from '../../support/failure-rows.js';
import {
  expectWhole,
  fetchesOf,
  jobsOf,
  postsOf,
  quickRetries,
  smallForecast,
  timePeriod,
} from '../../support/faulty-runs.js';
import { textsOf } from '../../../src/leak-scan/texts.js';
import { pendingAfter } from '../../support/pending.js';
import { start, until, type ExportHandle } from '../../support/runs.js';
import { sdkLogs } from '../../support/sdk-logs.js';
import { witnessEnd } from '../../support/witness.js';
import { startWorld, type World } from '../../support/world.js';
import { SecretStore } from './secret-store.js';

type Endpoint = NonNullable<NonNullable<FaultRule['match']>['endpoint']>;

/** Clari stops taking the token when it is shown there, from the request on that follows so many others. */
const revokedAt = (endpoint: Endpoint, after: number): FaultRule => ({
  match: { endpoint },
  after,
  fault: { kind: 'revoke-token' },
});

/** Where a run is when its token is revoked. */
const revocations = [
  { when: 'polled', rules: [revokedAt('jobStatus', 1)], refused: ['jobStatus'], jobs: 1, fetched: [200] },
  {
    when: 'downloading',
    rules: [{ match: { endpoint: 'results' }, fault: { kind: 'cut', afterBytes: 20_000 } }, revokedAt('results', 1)],
    // The key goes with a link, and a new link is asked for with the key.
    refused: ['results', 'jobStatus'],
    jobs: 1,
    fetched: [200, 401, 206],
  },
  {
    when: 'posting',
    rules: [revokedAt('createForecastExport', 0)],
    refused: ['createForecastExport'],
    jobs: 0,
    fetched: [200],
  },
] as const satisfies readonly {
  when: string;
  rules: readonly FaultRule[];
  refused: readonly Endpoint[];
  /** Made before. */
  jobs: number;
  /** How the file’s requests are answered where the token is replaced. */
  fetched: readonly number[];
}[];

const replaced = revocations.map((row) => ({ ...row, name: `replaced-${row.when}` }));
const kept = revocations.map((row) => ({ ...row, name: `kept-${row.when}` }));
const names = [...replaced, ...kept].map(({ name }) => name).concat('stale', 'gone', 'unreadable', 'gone-posting');

let folder: string;
let world: World;
const stores = new Map<string, SecretStore>();
const runs: ExportHandle[] = [];
/** What Temporal told of runs under way, heartbeats among it. */
const passed: string[] = [];

const userOf = (name: string): number => 40_000 + names.indexOf(name);
const holderOf = (name: string, token: string): FakeToken => ({ token, userId: userOf(name) });
const oldToken = (name: string): string => `old-token-of-${name}`;
const newToken = (name: string): string => `new-token-of-${name}`;

/** Each row has an account with a token of its own, so that none disturbs another. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'clari-tokens-'));
  for (const name of names) {
    const store = new SecretStore(path.join(folder, name));
    await store.put(oldToken(name));
    stores.set(name, store);
  }
  world = await startWorld({
    tokens: names.map((name) => holderOf(name, oldToken(name))),
    forecasts: names.map(smallForecast),
    concurrentLimit: 100,
    settings: ({ accounts, connections }) => ({
      limits: quickRetries,
      accounts: names.flatMap((name) => accounts.map((one) => ({ ...one, name, token: storeOf(name) }))),
      connections: names.flatMap((name) => connections.map((one) => ({ ...one, name, account: name }))),
    }),
  });
});
afterAll(async () => {
  for (const name of names) await account(name).terminate('the test is over');
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const account = (name: string) => world.client.workflow.getHandle(`${world.taskQueue}-account-${name}`);

function storeOf(name: string): SecretStore {
  const store = stores.get(name);
  if (!store) throw new RangeError(`there is no store ${name}`);
  return store;
}

async function begin(name: string, request: { readonly jobId?: string } = {}): Promise<ExportHandle> {
  const run = await start(world, { forecastId: name, timePeriod, connection: name, ...request }, name);
  runs.push(run);
  return run;
}

/** Only calls about the row's own forecast are struck, and of these only the row's own: creations look at the jobs of others too. */
async function beginWith(name: string, rules: readonly FaultRule[]): Promise<ExportHandle> {
  const own = { forecastId: name, userId: userOf(name) };
  world.clari.faults.add(...rules.map((rule): FaultRule => ({ ...rule, match: { ...rule.match, ...own } })));
  return begin(name);
}

/** What was asked about a forecast with a token that Clari did not take, in its order. */
function refusedOf(name: string): unknown[] {
  const own = [name, ...jobsOf(world, name)];
  return world.clari.journal.entries
    .filter(({ status, path: asked }) => status === 401 && asked.split('/').some((part) => own.includes(part)))
    .map(({ endpoint }) => endpoint);
}

const isGood = (token: string | undefined): boolean => world.clari.tokens.holder(token) !== undefined;

/** As a secret store replaces it: good at Clari before it is there to be read. */
async function replace(name: string): Promise<void> {
  world.clari.tokens.add(holderOf(name, newToken(name)));
  await storeOf(name).put(newToken(name));
}

/** Keeps what Temporal tells of the run, and how often its token is read once it is no good. */
function watchRereads(
  name: string,
  onReread: () => Promise<void> = () => Promise.resolve(),
): { readonly count: number } {
  const seen = { count: 0 };
  storeOf(name).beforeRead(async (last) => {
    if (last === undefined || isGood(last)) return;
    seen.count += 1;
    const run = runs.find(({ workflowId }) => workflowId.startsWith(`${name}-`));
    if (run) passed.push(textsOf((await run.describe()).raw));
    await onReread();
  });
  return seen;
}

describe('fault 13: a token is revoked in the middle of an export', () => {
  test.concurrent.for(replaced)('$name: it is read again once, and the export goes on', async (row) => {
    const { name, rules, refused, fetched } = row;
    const rereads = watchRereads(name, () => replace(name));
    const run = await beginWith(name, rules);
    const receipt = await run.result();
    expect(rereads.count).toBe(1);
    expect(refusedOf(name)).toEqual(refused.slice(0, 1));
    expect(storeOf(name).given.at(-1)).toBe(newToken(name));
    expect(postsOf(world, name)).toBe(row.jobs === 0 ? 2 : 1);
    expect(fetchesOf(world, receipt.jobId).map(({ status }) => status)).toEqual(fetched);
    await expectWhole(world, receipt);
  });

  test.concurrent.for(kept)('$name: it fails at once, and what was paid for can be landed', async (row) => {
    const { name, rules, refused, jobs } = row;
    const rereads = watchRereads(name);
    const failed = await beginWith(name, rules);
    expectRow('TokenRejected', await witnessEnd(failed));
    // Once for each call of the client to the API.
    expect(rereads.count).toBe(name === 'kept-downloading' ? 2 : 1);
    expect(refusedOf(name)).toEqual(refused);
    const made = jobsOf(world, name);
    expect(made).toHaveLength(jobs);

    await replace(name);
    const [jobId] = made;
    const receipt = await (await begin(name, jobId === undefined ? {} : { jobId })).result();
    expect(refusedOf(name)).toEqual(refused);
    expect(jobsOf(world, name)).toEqual([receipt.jobId]);
    expect(postsOf(world, name)).toBe(jobs === 0 ? 2 : 1);
    await expectWhole(world, receipt);
  });
});

describe('fault 13: what is kept is behind Clari', () => {
  test.concurrent('stale: a run fails at once while it is, and the next one goes once it is not', async () => {
    const name = 'stale';
    const rereads = watchRereads(name);
    world.clari.tokens.add(holderOf(name, newToken(name)));
    world.clari.tokens.revoke(oldToken(name));
    expectRow('TokenRejected', await witnessEnd(await begin(name)));
    // For the first call, and once more.
    expect(rereads.count).toBe(2);
    expect(postsOf(world, name)).toBe(0);
    await storeOf(name).put(newToken(name));
    const receipt = await (await begin(name)).result();
    expect(refusedOf(name)).toEqual([]);
    await expectWhole(world, receipt);
  });
});

describe('fault 13: the secret store is down', () => {
  /** Resolves when a read has failed, and another one will follow. */
  async function seenMissing(run: ExportHandle, name: string, why: string): Promise<void> {
    const { failure } = await pendingAfter(run, 'SecretUnavailable');
    expect(failure.message).toMatch(
      new RegExp(`^The secret ${storeOf(name).reference} can not be read \\(${why}\\)\\.`),
    );
    passed.push(textsOf((await run.describe()).raw));
  }

  test.concurrent('gone: a run that polls goes on when the token is back', async () => {
    const name = 'gone';
    const run = await begin(name);
    const jobId = await until('its job', () => Promise.resolve(jobsOf(world, name)[0]));
    world.clari.jobs.update(jobId, { state: 'started' });
    await world.clari.journal.waitFor(({ path: asked, status }) => asked.endsWith(`/${jobId}`) && status === 200);
    await storeOf(name).remove();
    await seenMissing(run, name, 'ENOENT');
    await storeOf(name).put(oldToken(name));
    world.clari.jobs.update(jobId, { state: 'done' });
    await expectWhole(world, await run.result());
  });

  // Else the run would look for a job that nobody made, for minutes, and might end without knowing.
  test.concurrent('gone-posting: what Clari refused is known to have made no job, and is asked for anew', async () => {
    const name = 'gone-posting';
    watchRereads(name, async () => storeOf(name).remove());
    const run = await beginWith(name, [revokedAt('createForecastExport', 0)]);
    await seenMissing(run, name, 'ENOENT');
    watchRereads(name);
    await replace(name);
    await expectWhole(world, await run.result());
    expect(refusedOf(name)).toEqual(['createForecastExport']);
    expect(postsOf(world, name)).toBe(2);
    expect(textsOf(await run.fetchHistory())).not.toContain('CreateOutcomePending');
  });

  test.concurrent('unreadable: a run that begins waits for the token', async () => {
    const name = 'unreadable';
    await storeOf(name).obstruct();
    const run = await begin(name);
    await seenMissing(run, name, 'EISDIR');
    expect(postsOf(world, name)).toBe(0);
    await storeOf(name).remove();
    await storeOf(name).put(oldToken(name));
    await expectWhole(world, await run.result());
  });
});

// After all of the above.
test('no token is in a history, a heartbeat, a pending failure or a log, nor had to be masked there', async () => {
  const handles = [...runs, ...names.map(account)];
  const histories = await Promise.all(handles.map(async (handle) => textsOf(await handle.fetchHistory())));
  const logs = world.logs.join('\n');
  const text = [...histories, ...passed, logs, ...sdkLogs].join('\n');
  for (const { workflowId } of runs) expect(text).toContain(workflowId);
  expect(sdkLogs.filter((line) => line.includes("failure: 'TokenRejected'"))).toHaveLength(kept.length + 1);
  expect(passed.length).toBeGreaterThanOrEqual(names.length);
  const tokens = world.clari.tokens.everKnown();
  expect(tokens).toHaveLength(names.length * 2 - 2);
  expect(tokens.filter((token) => text.includes(token))).toEqual([]);
  expect(logs).not.toContain('[secret]');
});
