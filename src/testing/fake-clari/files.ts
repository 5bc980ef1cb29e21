import { createHash } from 'node:crypto';
import type { ExpectedFile } from './data/expected-file.js';
import { expectedFile } from './data/expected-file.js';
import type { ExportFile } from './data/export-file.js';
import type { FakeForecast, FileRequest } from './data/forecast-file.js';
import { forecastFile, recordPlan } from './data/forecast-file.js';
import type { FakeJob } from './jobs.js';
import type { Settings } from './options.js';

/** Templates of a file take up to some ten megabytes: so few are kept. */
const KEPT_FILES = 4;

export interface ServedFile {
  readonly file: ExportFile;
  /** A strong one, quotes included. */
  readonly etag: string;
}

/** The forecasts and what exports of them hold. */
export class FakeFiles {
  readonly #seed: number;
  readonly #forecasts: ReadonlyMap<string, FakeForecast>;
  readonly #kept = new Map<string, ServedFile>();

  constructor({ seed, forecasts }: Settings) {
    this.#seed = seed;
    this.#forecasts = new Map(forecasts.map((forecast) => [forecast.forecastId, forecast]));
  }

  forecast(forecastId: string): FakeForecast | undefined {
    return this.#forecasts.get(forecastId);
  }

  all(): readonly FakeForecast[] {
    return [...this.#forecasts.values()];
  }

  ofJob({ request }: FakeJob): ServedFile {
    const { forecastId, timePeriod, typesToExport, currency, includeHistorical } = request;
    const key = JSON.stringify([forecastId, timePeriod, [...typesToExport].sort(), currency, includeHistorical]);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const forecast = this.#known(forecastId);
    const digest = createHash('sha256')
      .update(JSON.stringify([this.#seed, forecast, key]))
      .digest('hex');
    const file = forecastFile(forecast, recordPlan(forecast, request, this.#seed), this.#seed);
    const served = { file, etag: `"${digest.slice(0, 32)}"` };
    for (const oldest of [...this.#kept.keys()].slice(0, Math.max(0, this.#kept.size - KEPT_FILES + 1))) {
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, served);
    return served;
  }

  expected(forecastId: string, request: FileRequest): ExpectedFile {
    return expectedFile(this.#known(forecastId), request, this.#seed);
  }

  #known(forecastId: string): FakeForecast {
    const forecast = this.forecast(forecastId);
    if (forecast === undefined) throw new RangeError(`no forecast ${forecastId}`);
    return forecast;
  }
}
