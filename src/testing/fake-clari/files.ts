import { createHash } from 'node:crypto';
import type { Cut } from './data/cut.js';
import { UNCUT } from './data/cut.js';
import type { ExpectedFile } from './data/expected-file.js';
import type { ExportFile } from './data/export-file.js';
import type { FakeForecast, FileRequest } from './data/forecast-file.js';
import type { FileContents } from './file-contents.js';
import { activityContents, auditContents, forecastContents } from './file-contents.js';
import type { FakeJob, JobSubject } from './job.js';
import type { RowCounter } from './jobs.js';
import type { Settings } from './options.js';

/** Templates of a file take up to some ten megabytes: so few are kept. */
const KEPT_FILES = 4;

export interface ServedFile {
  readonly file: ExportFile;
  /** A strong one, quotes included. */
  readonly etag: string;
  readonly contentType: string;
}

/** The forecasts, and what exports hold. */
export class FakeFiles implements RowCounter {
  readonly #settings: Settings;
  readonly #forecasts: ReadonlyMap<string, FakeForecast>;
  readonly #kept = new Map<string, ServedFile>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#forecasts = new Map(settings.forecasts.map((forecast) => [forecast.forecastId, forecast]));
  }

  forecast(forecastId: string): FakeForecast | undefined {
    return this.#forecasts.get(forecastId);
  }

  all(): readonly FakeForecast[] {
    return [...this.#forecasts.values()];
  }

  /** What Clari's pages call an export. */
  title({ kind, request }: JobSubject): string {
    if (kind !== 'forecast') return kind === 'activity' ? 'Activities' : 'Audit events';
    return this.forecast(request.forecastId)?.forecastName ?? request.forecastId;
  }

  /**
   * Records of an export's main list, before anything is cut off.
   * @throws RangeError for an unknown forecast
   */
  rowCount(subject: JobSubject): number {
    return this.#contents(subject).rows();
  }

  ofJob(job: FakeJob): ServedFile {
    const { seed, csv, variants, audit, activitiesPerDay } = this.#settings;
    const contents = this.#contents(job);
    const cut = this.#cut(job, contents);
    const source = job.kind === 'forecast' ? this.forecast(job.request.forecastId) : [audit, activitiesPerDay];
    const key = JSON.stringify([job.kind, job.request, String(cut.rows), cut.cells, csv, variants.results, source]);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const digest = createHash('sha256')
      .update(JSON.stringify([seed, key]))
      .digest('hex');
    const served = { file: contents.file(cut), etag: `"${digest.slice(0, 32)}"`, contentType: contents.contentType };
    for (const oldest of [...this.#kept.keys()].slice(0, Math.max(0, this.#kept.size - KEPT_FILES + 1))) {
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, served);
    return served;
  }

  /** What the file of a job holds, as it is served. */
  expectedOfJob(job: FakeJob): ExpectedFile {
    const contents = this.#contents(job);
    return contents.expected(this.#cut(job, contents));
  }

  /** @throws RangeError for an unknown forecast or a malformed period */
  expected(forecastId: string, request: FileRequest): ExpectedFile {
    return forecastContents(this.#known(forecastId), request, this.#settings).expected(UNCUT);
  }

  #cut({ rowsTruncated, cellsTruncated }: FakeJob, contents: FileContents): Cut {
    if (!rowsTruncated) return { rows: UNCUT.rows, cells: cellsTruncated };
    const rows = contents.rows();
    const { maxRows } = this.#settings;
    return { rows: rows > maxRows ? maxRows : Math.floor(rows / 2), cells: cellsTruncated };
  }

  #contents({ kind, request }: JobSubject): FileContents {
    if (kind === 'activity') return activityContents(request, this.#settings);
    if (kind === 'audit') return auditContents(request, this.#settings);
    return forecastContents(this.#known(request.forecastId), request, this.#settings);
  }

  #known(forecastId: string): FakeForecast {
    const forecast = this.forecast(forecastId);
    if (forecast === undefined) throw new RangeError(`no forecast ${forecastId}`);
    return forecast;
  }
}
