import type { ActivityLimitOverrides } from '../model/activity-limits.js';
import type { Secret } from '../secrets/port.js';

/** What an operator configures, checked. Holds references to secrets, never their values. */
export interface Settings {
  /** Base name of the task queues. */
  readonly taskQueue: string;
  /** Where bytes are between two steps of a run. */
  readonly staging: StagingSettings;
  /** Under it the keys of what is staged are kept; undefined: under one derived from the connection's redaction key. */
  readonly stagingKey: Secret | undefined;
  readonly accounts: readonly AccountSettings[];
  readonly connections: readonly ConnectionSettings[];
  /** Hosts (`host` or `host:port`) that a download link may point at although it is private or not https. */
  readonly allowedLinkHosts: readonly string[];
  readonly limits: ActivityLimitOverrides;
  /** Bound on a whole run, in seconds. */
  readonly deadline: number;
  /** Bound on the silence of a download, in milliseconds. Default 60 000; no variable sets it. */
  readonly idleTimeoutMs?: number;
  /** Memory that one redaction or load may use inside DuckDB, in MiB. */
  readonly memoryLimitMb: number;
  readonly logLevel: LogLevel;
}

export type StagingSettings = StagingFolderSettings | StagingBucketSettings;

export interface StagingFolderSettings {
  readonly kind: 'folder';
  readonly path: string;
  /** What all runs together may have there, in MiB; undefined: as much as the disk has. */
  readonly limitMb: number | undefined;
}

/** Credentials are those that the AWS SDK finds by itself. */
export interface StagingBucketSettings {
  readonly kind: 's3';
  readonly bucket: string;
  /** Of all keys, without a slash at its ends; empty: none. */
  readonly prefix: string;
  /** Of a server other than AWS’s. */
  readonly endpoint: string | undefined;
  /** Undefined: the one that the AWS SDK finds. */
  readonly region: string | undefined;
  /** What all runs together may have there, in MiB; undefined: as much as they want. */
  readonly limitMb: number | undefined;
  /** What S3 is asked to encrypt objects by, on top of the seals; `bucket`: what the bucket is set to. */
  readonly encryption: 'AES256' | 'bucket';
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One integration user at Clari. */
export interface AccountSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly orgId: string | undefined;
  readonly token: Secret;
}

/** An account with an environment, a policy and a destination. */
export interface ConnectionSettings {
  readonly name: string;
  readonly account: string;
  /** `production`, or any other word; `undeclared` where nobody said. Only `production` is production. */
  readonly environment: string;
  /** Name of a built-in policy, or `file:` and an absolute path. */
  readonly policy: string;
  /** Why personal data may land although the environment is not production; undefined: it may not. */
  readonly personalAllowedBecause: string | undefined;
  readonly redactionKey: RedactionKeySettings | undefined;
  readonly destination: { readonly kind: 'duckdb'; readonly path: string };
  /** Ids of forecasts, for tenants without a listing. */
  readonly forecasts: readonly string[];
  readonly hold: HoldSettings;
}

/** When an export is not published before somebody has looked at it. */
export interface HoldSettings {
  /** Change of rows, users or amounts against the last snapshot beyond which it is held, in percent; 0: never. */
  readonly changePercent: number;
  /** How long it is held, in seconds. */
  readonly seconds: number;
}

export interface RedactionKeySettings {
  readonly name: string;
  readonly version: string;
  readonly secret: Secret;
}

export const PRODUCTION = 'production';
