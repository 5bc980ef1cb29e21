import type { AuditOptions } from './data/audit-file.js';
import type { FakeForecast } from './data/forecast-file.js';
import type { FaultRule } from './faults/rule.js';
import type { CsvOptions, Variants } from './variants.js';

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
  /** How the tenant's audit events are. */
  readonly audit?: Partial<AuditOptions>;
  /** Activities a day since 2020: 0 to 10 million. Default 200. */
  readonly activitiesPerDay?: number;
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
  /** Refuse `crm_total` and `crm_closed` as some tenants do. Default false. */
  readonly refuseCrmTypes?: boolean;
  /** Records of a result's main list beyond which it is truncated. Default without limit. */
  readonly maxRows?: number;
  /** What comes of asking for CSV. */
  readonly csv?: Partial<CsvOptions>;
  /** Where the tenant differs from its dialect. */
  readonly variants?: Partial<Variants>;

  /** Milliseconds that a download link can be used for. Default 10 minutes. */
  readonly linkLifetimeMs?: number;
  /** GET requests that one download link is good for. Default without limit. */
  readonly linkUses?: number;

  /** Compress what is sent to clients that accept gzip. Default false. */
  readonly gzip?: boolean;
  /** What is to go wrong, and when. Default nothing. */
  readonly faults?: readonly FaultRule[];

  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Host name in the addresses that are given out. Default `host`. */
  readonly advertisedHost?: string;
  /** Default 0: any free port. */
  readonly apiPort?: number;
  /** Default 0: any free port. */
  readonly linkPort?: number;
  /** Epoch milliseconds for jobs, links, the windows of fault rules and the `Date` header. Default the clock. */
  readonly now?: () => number;
}

/** All options, infinite where there is no limit. */
export type Settings = {
  readonly [K in Exclude<keyof FakeClariOptions, keyof Grouped>]-?: NonNullable<FakeClariOptions[K]>;
} & Grouped;

interface Grouped {
  readonly audit: AuditOptions;
  readonly csv: CsvOptions;
  readonly variants: Variants;
}
