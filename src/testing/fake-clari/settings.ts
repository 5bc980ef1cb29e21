import { quarter } from './data/calendar.js';
import { forecastShape } from './data/shape.js';
import { checkPerDay } from './data/stream.js';
import type { FakeClariOptions, Settings } from './options.js';
import { NO_VARIANTS, PLAIN_CSV } from './variants.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** @throws RangeError for a malformed period, a negative number, or an impossible number of entries, users, activities or events */
export function settingsFrom(options: FakeClariOptions): Settings {
  const currentTimePeriod = options.currentTimePeriod ?? '2027_Q2';
  const years = ['2026', '2027'].flatMap((year) => [1, 2, 3, 4].map((number) => `${year}_Q${number}`));
  const host = options.host ?? '127.0.0.1';
  const settings: Settings = {
    dialect: options.dialect,
    tokens: options.tokens ?? [{ token: 'fake-token', userId: 40_112 }],
    forecasts: options.forecasts ?? [
      {
        forecastId: 'emea_bookings',
        forecastName: 'EMEA Bookings',
        entries: 1000,
        shape: options.dialect === 'brief' ? 'flat' : 'five-lists',
      },
    ],
    audit: { perDay: 2000, time: 'iso', list: 'items', ...options.audit },
    activitiesPerDay: options.activitiesPerDay ?? 200,
    seed: options.seed ?? 1,
    orgId: options.orgId ?? 733,
    currentTimePeriod,
    timePeriods: [...new Set([...(options.timePeriods ?? years), currentTimePeriod])],
    jobDurationMs: options.jobDurationMs ?? 0,
    pollsUntilDone: options.pollsUntilDone ?? 2,
    fileLifetimeMs: options.fileLifetimeMs ?? 30 * DAY_MS,
    concurrentLimit: options.concurrentLimit ?? 3,
    monthlyQuota: options.monthlyQuota ?? 1000,
    limitsInBriefDialect: options.limitsInBriefDialect ?? false,
    refuseCrmTypes: options.refuseCrmTypes ?? false,
    maxRows: options.maxRows ?? Number.POSITIVE_INFINITY,
    csv: { ...PLAIN_CSV, ...options.csv },
    variants: { ...NO_VARIANTS, ...options.variants },
    linkLifetimeMs: options.linkLifetimeMs ?? 10 * MINUTE_MS,
    linkUses: options.linkUses ?? Number.POSITIVE_INFINITY,
    gzip: options.gzip ?? false,
    faults: options.faults ?? [],
    host,
    advertisedHost: options.advertisedHost ?? host,
    apiPort: options.apiPort ?? 0,
    linkPort: options.linkPort ?? 0,
    now: options.now ?? Date.now,
  };
  check(settings);
  return settings;
}

const NOT_NEGATIVE = [
  'jobDurationMs',
  'pollsUntilDone',
  'fileLifetimeMs',
  'concurrentLimit',
  'monthlyQuota',
  'maxRows',
  'linkLifetimeMs',
  'linkUses',
] as const;

function check(settings: Settings): void {
  for (const name of NOT_NEGATIVE) {
    if (!(settings[name] >= 0)) throw new RangeError(`${name} must be a number of 0 or more`);
  }
  for (const period of settings.timePeriods) {
    if (quarter(period) === undefined) throw new RangeError(`timePeriods must look like 2027_Q2, not ${period}`);
  }
  if (!(settings.csv.maxRows >= 0)) throw new RangeError('csv.maxRows must be a number of 0 or more');
  checkPerDay('activitiesPerDay', settings.activitiesPerDay);
  checkPerDay('audit.perDay', settings.audit.perDay);
  for (const { forecastId, entries, users } of settings.forecasts) forecastShape(forecastId, entries, users);
}
