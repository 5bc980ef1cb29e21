import type { ClariJob } from '../clari/port.js';
import type { ExportForecastRequest } from '../model/request.js';

/** `clari_export_{forecastId}_{timePeriod}{digits}_{YYYYMMDD}_{HHMMSS}.json`, as both examples of Clari's documentation have it. */
const FILE_NAME = /^clari_export_(.+)_(\d{4}_Q\d)\d*_\d{8}_\d{6}\.\w+$/;

/**
 * What Clari's metadata say of a job and a request: `same` where nothing speaks against it (they tell little: no scope, no types),
 * `other-period` where the period alone differs, as when Clari fell back to the current one, `other`.
 */
export function resemblance(job: ClariJob, request: ExportForecastRequest): 'same' | 'other-period' | 'other' {
  const { fileName, module, currency, fileType } = job;
  const { forecastId, timePeriod } = request;
  if (module !== undefined && !/forecast/i.test(module)) return 'other';
  if (fileType !== undefined && !/json/i.test(fileType)) return 'other';
  if (request.currency !== null && currency !== undefined && currency !== request.currency) return 'other';
  if (!fileName) return 'same';
  const [, ofForecast, ofPeriod] = FILE_NAME.exec(fileName) ?? [];
  if (ofForecast === undefined) {
    // A form of name that nobody has seen yet: what it must hold, somewhere.
    if (!fileName.includes(forecastId)) return 'other';
    return timePeriod === null || fileName.includes(timePeriod) ? 'same' : 'other-period';
  }
  if (ofForecast !== forecastId) return 'other';
  return timePeriod === null || ofPeriod === timePeriod ? 'same' : 'other-period';
}
