import assert from 'node:assert';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { limitBounds, type LimitedActivity } from '../../../src/model/activity-limits.js';
import type { EndpointName, FakeClari, FakeJob, JournalEntry } from '../../../src/testing/fake-clari/index.js';
import type { World, WorldOptions } from '../../support/open-world.js';
import { stage, start, type ExportHandle } from '../../support/runs.js';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
const STRANGER = 99;

/** One export, by what makes it long or dear. */
export interface Case {
  readonly title: string;
  /** At most so many; heartbeats are no part of these Actions. */
  readonly budget: { readonly events: 80 | 120; readonly actions: number };
  readonly options: WorldOptions;
  /** Brings a run to its end, and makes sure that it was of this kind. */
  readonly run: (world: World) => Promise<ExportHandle>;
}

/** One that takes days: on a server whose time can be skipped. */
export interface LongCase extends Omit<Case, 'run'> {
  readonly run: (world: World, server: TestWorkflowEnvironment) => Promise<ExportHandle>;
}

export const on = (server: TestWorkflowEnvironment, { run, ...long }: LongCase): Case => ({
  ...long,
  run: (world) => run(world, server),
});

export const forecasts = [
  { forecastId: 'net_arr', forecastName: 'Net ARR', entries: 200, shape: 'five-lists' },
] as const;
const asked = { forecastId: 'net_arr', timePeriod: '2027_Q2' };
/** Within the file of that forecast. */
const HALF_WAY = 30_000;

export const begin = (world: World): Promise<ExportHandle> => start(world, asked);

export const requestsFor = ({ clari }: World, endpoint: EndpointName): readonly JournalEntry[] =>
  clari.journal.entries.filter((entry) => entry.endpoint === endpoint);

async function landed(world: World): Promise<ExportHandle> {
  const handle = await begin(world);
  await handle.result();
  return handle;
}

/** A job of somebody else's that takes up room. */
const foreignJob = ({ jobs }: FakeClari): FakeJob =>
  jobs.create(STRANGER, {
    ...asked,
    typesToExport: ['forecast'],
    currency: null,
    scopeId: null,
    includeHistorical: false,
  });

async function landedWithRoom(world: World): Promise<ExportHandle> {
  const { jobs, journal } = world.clari;
  const { jobId } = foreignJob(world.clari);
  const handle = await begin(world);
  // Seen at Clari: asking the run itself may cost events. The first two looks come before the wait.
  await journal.waitFor(() => requestsFor(world, 'limits').length >= 4);
  jobs.update(jobId, { state: 'done' });
  await handle.result();
  return handle;
}

const happy: Case = {
  title: 'one poll',
  budget: { events: 80, actions: 20 },
  options: { forecasts, pollsUntilDone: 1 },
  run: landed,
};

const waited: Case = {
  title: 'one wait for capacity',
  budget: { events: 120, actions: 30 },
  options: { ...happy.options, concurrentLimit: 1 },
  run: landedWithRoom,
};

const resumed: Case = {
  title: 'one download cut half-way and gone on',
  budget: happy.budget,
  options: {
    ...happy.options,
    faults: [{ match: { endpoint: 'results' }, fault: { kind: 'cut', afterBytes: HALF_WAY } }],
  },
  async run(world) {
    const handle = await landed(world);
    assert.deepEqual(
      requestsFor(world, 'results').map(({ range }) => range),
      [undefined, `bytes=${HALF_WAY}-`],
    );
    return handle;
  },
};

const repeated: Case = {
  title: 'one wait for capacity and a file downloaded twice',
  budget: waited.budget,
  options: {
    ...waited.options,
    faults: [{ match: { endpoint: 'results' }, fault: { kind: 'shorten', afterBytes: HALF_WAY } }],
  },
  async run(world) {
    const handle = await landedWithRoom(world);
    assert.equal(requestsFor(world, 'results').length, 2);
    return handle;
  },
};

const split: Case = {
  title: 'six jobs in place of one that Clari truncated',
  // The ledger is told of each job as of any other, and asked once more at the end.
  budget: { events: happy.budget.events, actions: happy.budget.actions + 6 * 6 },
  options: {
    ...happy.options,
    concurrentLimit: 6,
    faults: [{ match: { endpoint: 'createForecastExport' }, fault: { kind: 'job', rowsTruncated: true } }],
  },
  async run(world) {
    const handle = await start(world, { ...asked, splitIfTruncated: true });
    await handle.result();
    assert.equal(world.clari.journal.jobsCreated().length, 7);
    return handle;
  },
};

/** Those that take seconds. */
export const cases: readonly Case[] = [happy, waited, resumed, repeated, split];

/** As long as an operator may let a run take, and one activity of it. */
function patient(activity: LimitedActivity): WorldOptions {
  return {
    forecasts,
    environment: {
      CLARI_RUN_DEADLINE: String((30 * DAY_MS) / 1000),
      CLARI_ACTIVITY_LIMITS: JSON.stringify({ [activity]: { scheduleToClose: limitBounds.scheduleToClose[1] } }),
    },
  };
}

/** Lets the server's days pass until `end` settles, and hardly longer. */
export async function passUntil<T>(server: TestWorkflowEnvironment, end: Promise<T>): Promise<T> {
  const over = new AbortController();
  const settled = end.finally(() => over.abort());
  // Whoever awaits it hears of its failure, but not before the hour is over.
  settled.catch(() => undefined);
  while (!over.signal.aborted) await server.sleep(HOUR_MS);
  return settled;
}

/** At most a minute goes by between two looks at a job: 10,000 of them take a week. */
export const polled = (polls: number): LongCase => ({
  title: `${polls.toLocaleString('en')} poll(s)`,
  budget: { events: 80, actions: polls + happy.budget.actions },
  options: { ...patient('awaitExport'), pollsUntilDone: polls },
  async run(world, server) {
    const handle = await begin(world);
    await passUntil(server, handle.result());
    assert(requestsFor(world, 'jobStatus').length > polls);
    return handle;
  },
});

/** With `useUpQuota`: without room for a job in this month. */
export const smallQuota = { monthlyQuota: 1 };
export function useUpQuota({ clari }: World): FakeJob {
  return clari.jobs.update(foreignJob(clari).jobId, { state: 'done' });
}

/** As long as a run can: it has to be done within 30 days. */
export const monthOfWaiting: LongCase = {
  title: '30 days of waiting for the monthly quota',
  // Four looks an hour, each an attempt and an update that keeps the place in line; more of them in the first hour.
  budget: { events: 120, actions: 2 * 30 * 24 * 4 + 100 },
  options: { ...patient('awaitCapacity'), ...smallQuota },
  async run(world, server) {
    const { jobId } = useUpQuota(world);
    const handle = await begin(world);
    await server.sleep(30 * DAY_MS - HOUR_MS);
    await stage(handle, 'waiting for capacity');
    // Clari's clock is not the server's: its thirty days are over when the test says so.
    world.clari.jobs.update(jobId, { startTime: Date.now() - 31 * DAY_MS });
    await passUntil(server, handle.result());
    return handle;
  },
};
