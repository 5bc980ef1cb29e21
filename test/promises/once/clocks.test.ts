import { describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../src/testing/fake-clari/index.js';
import {
  expectWhole,
  postsOf,
  quickRetries,
  smallForecast,
  startFaulty,
  timePeriod,
} from '../../support/faulty-runs.js';
import { failureOf } from '../../support/runs.js';
import { startWorld } from '../../support/world.js';

/* Clocks that disagree (fault 14): Clari's and ours. Only differences of times on one clock may count. */

const HOUR_MS = 3_600_000;
const dialects = ['published', 'brief'] as const;
const skews = [
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
] as const;

const options = {
  reconciling: { quiet: 4_000, giveUp: 20_000, lookAgain: 500 },
  settings: { limits: quickRetries },
  // Both lives are shorter than the clocks are apart.
  fileLifetimeMs: HOUR_MS / 2,
  linkLifetimeMs: HOUR_MS / 60,
};
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** A lost answer, which is looked for by Clari's times, and a wait until a date. */
const rules: readonly FaultRule[] = [
  { match: { endpoint: 'createForecastExport' }, fault: { kind: 'lose-answer' } },
  { match: { endpoint: 'jobStatus' }, fault: { kind: 'status', status: 429, retryAfter: { dateIn: 2 } } },
];

describe.each(dialects)('the %s dialect', (dialect) => {
  test.concurrent.for(skews)(
    'fault 14: with Clari an hour %s, a run lands as it does otherwise',
    async ([, skewMs]) => {
      const now = (): number => Date.now() + skewMs;
      const world = await startWorld({ ...options, dialect, now, forecasts: [smallForecast('skewed')] });
      try {
        const before = now();
        const receipt = await (await startFaulty(world, 'skewed', rules)).result();
        await expectWhole(world, receipt);
        expect(postsOf(world, 'skewed')).toBe(1);
        expect(receipt.capturedAt >= iso(before) && receipt.capturedAt <= iso(now())).toBe(true);
        expect(receipt.capturedAt).toBe(iso(world.clari.jobs.get(receipt.jobId)?.startTime ?? 0));

        world.clari.jobs.update(receipt.jobId, { expiredTime: now() - 1 });
        const late = world.export({ forecastId: 'skewed', timePeriod, jobId: receipt.jobId });
        expect((await failureOf(late)).type).toBe('ExportExpired');
      } finally {
        await world.close();
      }
    },
  );
});

// A link's end is told by Clari's clock too.
test.concurrent.for(skews)(
  'fault 14: with Clari put an hour %s in the middle of it, a run lands',
  async ([, skewMs]) => {
    const world = await startWorld({ ...options, dialect: 'brief', forecasts: [smallForecast('jumping')] });
    try {
      const jump: FaultRule = { match: { endpoint: 'jobStatus' }, fault: { kind: 'clock-skew', ms: skewMs } };
      const receipt = await (await startFaulty(world, 'jumping', [jump, ...rules.slice(1)])).result();
      await expectWhole(world, receipt);
    } finally {
      await world.close();
    }
  },
);

test('fault 14: an export that goes from a leap day into March lands with its own times', async () => {
  const start = Date.now();
  const now = (): number => Date.parse('2028-02-29T23:59:58Z') + Date.now() - start;
  const world = await startWorld({ ...options, now, forecasts: [smallForecast('leaping')] });
  try {
    const run = await startFaulty(world, 'leaping', [
      { match: { endpoint: 'jobStatus' }, times: 2, fault: { kind: 'status', status: 429, retryAfter: { dateIn: 2 } } },
    ]);
    const receipt = await run.result();
    await expectWhole(world, receipt);
    const job = world.clari.jobs.get(receipt.jobId);
    expect(receipt.capturedAt).toBe(iso(job?.startTime ?? 0));
    expect(iso(job?.endTime ?? 0)).toMatch(/^2028-03-01T/);
    const landed = `SELECT epoch_ms(captured_at)::VARCHAR FROM exports WHERE export_id = '${receipt.exportId}'`;
    expect(await world.rows(landed)).toEqual([[String(job?.startTime)]]);
  } finally {
    await world.close();
  }
});
