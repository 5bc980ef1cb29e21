import { quarter } from './data/calendar.js';
import type { FakeForecast } from './data/forecast-file.js';
import { forecastShape } from './data/shape.js';

/** Which of the two ways of Clari's revenue API a server speaks. */
export type Dialect = 'brief' | 'published';

export interface FakeToken {
  readonly token: string;
  readonly userId: number;
  /** Whether its user may export forecasts. Default true. */
  readonly optedIn?: boolean;
}

export interface FakeClariOptions {
  readonly dialect: Dialect;
  /** Default one: `fake-token` of user 40112. */
  readonly tokens?: readonly FakeToken[];
  /** Default one: `emea_bookings` with 1000 entries, flat in the brief dialect, five lists in the published one. */
  readonly forecasts?: readonly FakeForecast[];
  /** Decides every value in the data. Default 1. */
  readonly seed?: number;
  /** Default 733. */
  readonly orgId?: number;
  /** What an unknown period falls back to. Default `2027_Q2`. */
  readonly currentTimePeriod?: string;
  /** Default the eight quarters of 2026 and 2027, and the current one. */
  readonly timePeriods?: readonly string[];

  /** Milliseconds from a job's creation to its end. Default 0: the number of status reads decides. */
  readonly jobDurationMs?: number;
  /** Status reads that find a job unfinished before one finds it done. Default 2. Without effect if `jobDurationMs` is set. */
  readonly pollsUntilDone?: number;
  /** Milliseconds from a job's end until its file expires. Default 30 days. */
  readonly fileLifetimeMs?: number;
  /** Unfinished jobs of the whole organisation at once. Default 3. */
  readonly concurrentLimit?: number;
  /** Jobs of the whole organisation in 30 days, cancelled ones not counted. Default 1000. */
  readonly monthlyQuota?: number;

  /** Answer `GET /admin/limits` in the brief dialect too. Default false: 404. */
  readonly limitsInBriefDialect?: boolean;
  /** Give a job's status as `{job: {...}}`. Default false: flat. */
  readonly wrapStatus?: boolean;
  /** Refuse `crm_total` and `crm_closed` as some tenants do. Default false. */
  readonly refuseCrmTypes?: boolean;

  /** Milliseconds that a download link can be used for. Default 10 minutes. */
  readonly linkLifetimeMs?: number;
  /** GET requests that one download link is good for. Default without limit. */
  readonly linkUses?: number;

  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Host name in the addresses that are given out. Default `host`. */
  readonly advertisedHost?: string;
  /** Default 0: any free port. */
  readonly apiPort?: number;
  /** Default 0: any free port. */
  readonly linkPort?: number;
  /** Epoch milliseconds for jobs and links. Default the clock. */
  readonly now?: () => number;
}

/** All options, with `linkUses` infinite where there is no limit. */
export type Settings = { readonly [K in keyof FakeClariOptions]-?: NonNullable<FakeClariOptions[K]> };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** @throws RangeError for a malformed period, a negative number, or an impossible number of entries or users */
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
    wrapStatus: options.wrapStatus ?? false,
    refuseCrmTypes: options.refuseCrmTypes ?? false,
    linkLifetimeMs: options.linkLifetimeMs ?? 10 * MINUTE_MS,
    linkUses: options.linkUses ?? Number.POSITIVE_INFINITY,
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
  for (const { forecastId, entries, users } of settings.forecasts) forecastShape(forecastId, entries, users);
}
