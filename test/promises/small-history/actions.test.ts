import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { expectSmall } from './budget.js';
import { cases, on, polled, type Case } from './cases.js';
import { measure, type Measured } from './measure.js';
import { startSkippingServer } from './skipping.js';

/** The SDK keeps those back that come sooner (HEARTBEAT_THROTTLE_MS). */
const HEARTBEAT_EVERY_S = 5;

function expectCheap({ actions, heartbeats, seconds, ...size }: Measured, { budget }: Case): void {
  expectSmall(size, budget.events);
  expect(actions.total).toBeLessThanOrEqual(budget.actions);
  // Start, deadline, connection, and the ledger's claim, intent, record and end: an export has these at least.
  expect(actions).toMatchObject({ timers: 1, localActivities: 1 });
  expect(actions.updates).toBeGreaterThanOrEqual(4);
  expect(actions.attempts).toBeGreaterThanOrEqual(8);
  // One activity at a time.
  expect(heartbeats).toBeLessThanOrEqual(actions.attempts + seconds / HEARTBEAT_EVERY_S);
}

describe('one export costs few events and Actions', () => {
  let server: TestWorkflowEnvironment;
  beforeAll(async () => {
    server = await startSkippingServer();
  });
  afterAll(() => server.teardown());

  test.for(cases)('with $title', async (one) => {
    const codePath = inject('workflowBundlePath');
    expectCheap(await measure({ address: inject('temporalAddress'), codePath }, one), one);
  });

  test('with 1,000 polls, each of which is one Action', async () => {
    const one = on(server, polled(1000));
    const measured = await measure({ address: server.address, codePath: inject('workflowBundlePath') }, one);
    expectCheap(measured, one);
    expect(measured.actions.attempts).toBeGreaterThan(1000);
  });
});
