import type { FakeForecast } from '../../src/testing/fake-clari/index.js';
import type { Draw } from './draw.js';

/** What stays as it is for a whole plan. */
export interface Scene {
  readonly dialect: 'brief' | 'published';
  /** Whether the two workers share a staging folder. */
  readonly staging: 'shared' | 'own';
  readonly forecasts: readonly FakeForecast[];
  /** Of the fake's data. */
  readonly dataSeed: number;
  readonly concurrentLimit: number;
  /** How long a job takes. By polls it would never end where its run is gone, and keep its place from all others. */
  readonly jobDurationMs: number;
  /** How far Clari's clock is ahead of the machine's. */
  readonly skewMs: number;
  readonly gzip: boolean;
  /** Requests that a download link is good for. */
  readonly linkUses: number | null;
}

export const timePeriods = ['2026_Q3', '2026_Q4', '2027_Q1', '2027_Q2'] as const;

const HOUR_MS = 60 * 60_000;

export function drawScene(draw: Draw): Scene {
  const dialect = draw.oneOf(['published', 'published', 'brief']);
  return {
    dialect,
    staging: draw.oneOf(['shared', 'own']),
    forecasts: Array.from({ length: 5 }, (_, number) => ({
      forecastId: `forecast_${number + 1}`,
      forecastName: `Forecast ${number + 1}`,
      // The last one is large enough to be fetched in several pieces.
      entries: number === 4 ? draw.between(6_000, 9_000) : draw.between(20, 2_500),
      shape: dialect === 'brief' ? draw.oneOf(['flat', 'five-lists']) : 'five-lists',
      pretty: draw.chance(0.2),
    })),
    dataSeed: draw.between(1, 1_000_000),
    concurrentLimit: draw.between(2, 5),
    jobDurationMs: draw.between(1, 5) * 700,
    skewMs: draw.oneOf([0, 0, HOUR_MS, -HOUR_MS]),
    gzip: draw.chance(0.25),
    linkUses: draw.chance(0.3) ? 2 : null,
  };
}
