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
import { failureOf } from '../../support/runs.js';
import { startWorld, type World } from '../../support/world.js';

/* What becomes of a job (fault 12), through the real worker: a typed end, or a landing; one job in either case. */

const states = (...words: string[]): FaultRule => ({
  match: { endpoint: 'jobStatus' },
  fault: { kind: 'states', words },
});

const courses = [
  { title: 'back to SCHEDULED', rules: [states('STARTED', 'SCHEDULED', 'STARTED')] },
  { title: 'DONE, then STARTED again', rules: [states('DONE', 'STARTED', 'SCHEDULED')] },
  { title: 'in states never heard of', rules: [states('PAUSED', '<b>ON HOLD</b>')] },
];

describe.each(['published', 'brief'] as const)('a job of the %s dialect', (dialect) => {
  const words = ['FAILED', 'ABORTED', 'CANCELLED'] as const;
  const idOf = (row: (typeof courses)[number]): string => `course_${courses.indexOf(row)}`;
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      concurrentLimit: 100,
      dialect,
      settings: { limits: quickRetries },
      pollsUntilDone: 2,
      forecasts: [...courses.map(idOf), ...words].map(smallForecast),
    });
  });
  afterAll(() => world.close());

  test.concurrent.for(courses)('fault 12: that is $title is waited for, and lands', async (row) => {
    const receipt = await (await startFaulty(world, idOf(row), row.rules)).result();
    expect(struckBy(world, idOf(row))['states']).toBeGreaterThan(1);
    await expectWhole(world, receipt);
    expect(postsOf(world, idOf(row))).toBe(1);
  });

  test.concurrent.for(words)('fault 12: that is %s ends the run, and the next one makes a new job', async (word) => {
    const failure = await failureOf((await startFaulty(world, word, [states(word)])).result());
    const [first = ''] = jobsOf(world, word);
    expect(failure).toMatchObject({
      type: 'ExportFailed',
      message: expect.stringContaining(
        `Clari's job ${first} ended as ${word}. Clari ended the job without a result:`,
      ) as unknown,
    });
    world.clari.jobs.update(first, { state: 'failed' });
    // The fault strikes each job once.
    expect((await failureOf(world.export({ forecastId: word, timePeriod }))).type).toBe('ExportFailed');
    expect(jobsOf(world, word)).toHaveLength(2);
  });
});

describe('a wait that never ends', () => {
  // Time enough for one look on a machine that stands still for a while.
  const brief = { scheduleToClose: 20, retryInitial: 1, retryMaximum: 1 };
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      concurrentLimit: 100,
      pollsUntilDone: 1e6,
      forecasts: ['endless', 'unheard'].map(smallForecast),
      settings: { limits: { ...quickRetries, awaitExport: brief } },
    });
  });
  afterAll(() => world.close());

  test.concurrent.for([
    ['endless', [], 'STARTED'],
    ['unheard', [states(...Array.from({ length: 100 }, () => 'PAUSED'))], 'PAUSED'],
  ] as const)(
    'fault 12: for a job that is never done (%s) is given up, and names job and state',
    async ([id, rules, word]) => {
      const failure = await failureOf((await startFaulty(world, id, rules)).result());
      const [jobId = '', ...others] = jobsOf(world, id);
      expect(others).toEqual([]);
      expect(failure.type).toBe('ExportTimedOut');
      expect(failure.message).toContain(`job ${jobId} is `);
      expect(failure.message).toContain(word);
      // It costs no second job once Clari has finished the first.
      expect(failure.message).toContain(`"jobId":"${jobId}"`);
    },
  );
});
