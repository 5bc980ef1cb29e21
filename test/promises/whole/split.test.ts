import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../../src/model/receipt.js';
import { exportTypes } from '../../../src/model/request.js';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import { jobsOf, smallForecast, timePeriod } from '../../support/faulty-runs.js';
import { startWorld, type World } from '../../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ forecasts: [smallForecast('whole')] });
});
afterAll(() => world.close());

/** Of a forecast's jobs the one after so many is truncated. */
const truncated = (forecastId: string, after = 0): FaultRule => ({
  match: { endpoint: 'createForecastExport', forecastId },
  after,
  fault: { kind: 'job', rowsTruncated: true },
});

const contentOf = ({ tables }: Receipt): unknown =>
  tables.map(({ table, landed, duplicates, checksum }) => ({ table, landed, duplicates, checksum }));

describe('an export that Clari truncates and that may be split', () => {
  test('is made of a job for each type, and lands as the one snapshot that it would have been', async () => {
    world.clari.faults.add(truncated('whole'));
    const asked = { forecastId: 'whole', timePeriod };
    const split = await world.export({ ...asked, splitIfTruncated: true });
    const [cut, ...parts] = jobsOf(world, 'whole');
    expect(split.jobId).toBe(cut);
    expect(split.parts?.map(({ jobId }) => jobId)).toEqual(expect.arrayContaining(parts));
    expect(new Set(split.parts?.map(({ type }) => type))).toEqual(new Set(exportTypes));
    const whole = await world.export({ ...asked, fresh: true });
    expect(contentOf(split)).toEqual(contentOf(whole));
  });
});
