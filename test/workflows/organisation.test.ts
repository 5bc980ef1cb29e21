import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf } from '../support/runs.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ orgId: 733, environment: { CLARI_ORG_ID: '999' } });
});
afterAll(() => world.close());

test('a token of another organisation stops the run, and gives back a job that was made before it showed', async () => {
  const first = await failureOf(world.export({ forecastId: 'emea_bookings' }));
  expect(first.type).toBe('WrongOrganisation');
  expect(world.clari.jobs.unfinished()).toEqual([]);

  // From then on Clari lists a job, which tells the organisation before anything is spent.
  const made = world.clari.journal.jobsCreated().length;
  const second = await failureOf(world.export({ forecastId: 'emea_bookings', fresh: true }));
  expect([second.type, world.clari.journal.jobsCreated().length]).toEqual(['WrongOrganisation', made]);
});
