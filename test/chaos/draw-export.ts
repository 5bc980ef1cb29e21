import { exportTypes, type ExportForecastRequest } from '../../src/model/request.js';
import type { Draw } from './draw.js';
import { timePeriods, type Scene } from './scene.js';

/** What is done to a run that is under way. */
export interface Intervention {
  readonly does: 'cancel' | 'reset' | 'terminate';
  readonly afterMs: number;
}

export type ExportHappening =
  /** `runs` workflows, each of its own id, ask for the same thing at once; the intervention meets the first of them. */
  | {
      readonly what: 'export';
      readonly name: string;
      readonly request: Partial<ExportForecastRequest>;
      readonly runs: number;
      readonly then: Intervention | null;
    }
  /** A schedule is backfilled over an hour that is over. */
  | {
      readonly what: 'backfill';
      readonly name: string;
      readonly request: Partial<ExportForecastRequest>;
      readonly hoursAgo: number;
    };

export function drawExport(draw: Draw, scene: Scene, name: string): ExportHappening {
  const request: Partial<ExportForecastRequest> = {
    forecastId: `forecast_${draw.between(1, scene.forecasts.length)}`,
    timePeriod: draw.oneOf(timePeriods),
    ...(draw.chance(0.15) ? { fresh: true } : {}),
    ...(draw.chance(0.15) ? { includeHistorical: false } : {}),
    ...(draw.chance(0.1) ? { typesToExport: exportTypes.slice(0, draw.between(1, 4)) } : {}),
    ...(draw.chance(0.3) ? { allowIncomplete: true } : {}),
    ...(draw.chance(0.4) ? { splitIfTruncated: true } : {}),
  };
  // A request of a schedule is for one time: fresh would make it another one at each retry of a test.
  if (draw.chance(0.12))
    return { what: 'backfill', name, request: { ...request, fresh: false }, hoursAgo: draw.between(1, 3) };
  const runs = draw.chance(0.25) ? draw.between(2, 3) : 1;
  const then = draw.chance(0.35)
    ? { does: draw.oneOf(['cancel', 'cancel', 'reset', 'terminate']), afterMs: draw.between(0, 9_000) }
    : null;
  return { what: 'export', name, request, runs, then };
}
