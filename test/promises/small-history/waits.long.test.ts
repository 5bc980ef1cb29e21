import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { activityLimits } from '../../../src/model/activity-limits.js';
import { actionsOf } from '../../support/actions.js';
import { sizeOf } from '../../support/histories.js';
import { openWorld, type World, type WorldOptions } from '../../support/open-world.js';
import { failureOf, stage, type ExportHandle } from '../../support/runs.js';
import { expectSmall } from './budget.js';
import {
  begin,
  DAY_MS,
  forecasts,
  HOUR_MS,
  monthOfWaiting,
  passUntil,
  polled,
  requestsFor,
  smallQuota,
  useUpQuota,
} from './cases.js';
import { startSkippingServer } from './skipping.js';

/* Fault 22, on the server that skips time: real worker, real activities, and every look at Clari is a request. */

let server: TestWorkflowEnvironment;
beforeAll(async () => {
  server = await startSkippingServer();
});
afterAll(() => server.teardown());

async function inWorld<R>(options: WorldOptions, work: (world: World) => Promise<R>): Promise<R> {
  const world = await openWorld({ address: server.address, codePath: inject('workflowBundlePath') }, options);
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

/** By the server's clock. */
async function daysOf(handle: ExportHandle): Promise<number> {
  const { startTime, closeTime } = await handle.describe();
  return ((closeTime?.getTime() ?? NaN) - startTime.getTime()) / DAY_MS;
}

// Ten thousand requests take a minute, and more on a machine that has other work.
describe('the history of one export', { timeout: 400_000 }, () => {
  test('fault 22: has after ten thousand polls and a week the events of one with a single poll', async () => {
    const eventsAfter = (polls: number, days: number): Promise<number> => {
      const { options, run, budget } = polled(polls);
      return inWorld(options, async (world) => {
        const handle = await run(world, server);
        expect((await handle.result()).complete).toBe(true);
        expect(await daysOf(handle)).toBeGreaterThan(days);
        const size = sizeOf(await handle.fetchHistory());
        expectSmall(size, budget.events);
        expect((await actionsOf(world, handle)).total).toBeLessThanOrEqual(budget.actions);
        return size.events;
      });
    };
    expect(await eventsAfter(10_000, 6.9)).toBe(await eventsAfter(1, 0));
  });

  test('fault 22: is small after thirty days of waiting for the monthly quota', async () => {
    await inWorld(monthOfWaiting.options, async (world) => {
      const handle = await monthOfWaiting.run(world, server);
      expect((await handle.result()).complete).toBe(true);
      expect(await daysOf(handle)).toBeGreaterThan(29.9);
      expect(requestsFor(world, 'limits').length).toBeGreaterThan(2_800);
      expect(world.clari.journal.jobsCreated()).toHaveLength(1);
      expectSmall(sizeOf(await handle.fetchHistory()), monthOfWaiting.budget.events);
      expect((await actionsOf(world, handle)).total).toBeLessThanOrEqual(monthOfWaiting.budget.actions);
    });
  });

  test('fault 22: is small where the wait ends without room, when its time is over and not before', async () => {
    await inWorld({ forecasts, ...smallQuota }, async (world) => {
      useUpQuota(world);
      const handle = await begin(world);
      await server.sleep(activityLimits.awaitCapacity.scheduleToClose * 1000 - HOUR_MS);
      await stage(handle, 'waiting for capacity');
      const failure = await failureOf(passUntil(server, handle.result()));
      expect(failure.type).toBe('QuotaExhausted');
      expect(failure.message).toContain('within the time that awaitCapacity has: The monthly limit of 1 is reached');
      expect(world.clari.journal.jobsCreated()).toEqual([]);
      expectSmall(sizeOf(await handle.fetchHistory()));
    });
  });
});
