import type { ActivityFilter } from './data/activities.js';
import type { AuditFilter } from './data/audit-filter.js';
import type { FileRequest } from './data/forecast-file.js';

export const jobStates = ['scheduled', 'started', 'done', 'failed', 'cancelled', 'aborted'] as const;

export type JobState = (typeof jobStates)[number];

/** How often Clari tries a failed export again by itself, thirty minutes apart. */
export type Schedule = 'NONE' | 'ONCE' | 'MAX';

/** What an export of a forecast was asked for. */
export interface JobRequest extends FileRequest {
  readonly forecastId: string;
  readonly scopeId: string | null;
  /** Default NONE. */
  readonly schedule?: Schedule;
}

/** So that any job can be asked for its forecast: only exports of forecasts have one. */
interface NoForecast {
  readonly forecastId?: undefined;
  readonly timePeriod?: undefined;
}

/** What an export of activities was asked for; the window with what was left out filled in. */
export interface ActivityRequest extends ActivityFilter, NoForecast {}

/** What an export of audit events was asked for; the window with what was left out filled in. */
export interface AuditRequest extends AuditFilter, NoForecast {}

/** What a job exports. */
export type JobSubject =
  | { readonly kind: 'forecast'; readonly request: JobRequest }
  | { readonly kind: 'activity'; readonly request: ActivityRequest }
  | { readonly kind: 'audit'; readonly request: AuditRequest };

export interface JobFacts {
  readonly jobId: string;
  /** Whose token made it. */
  readonly userId: number;
  readonly state: JobState;
  /** Stands in the answers in place of the dialect's word for `state`. */
  readonly statusWord: string | undefined;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly endTime: number | undefined;
  readonly expiredTime: number | undefined;
  /** Whether the file lacks records: what is beyond `maxRows`, or the second half where it is within. */
  readonly rowsTruncated: boolean;
  /** Whether the file lacks the content of some cells. */
  readonly cellsTruncated: boolean;
  readonly downloads: number;
}

export type FakeJob = JobFacts & JobSubject;

/** How a job is to end when its time has come. */
export interface JobEnd {
  readonly end: 'done' | 'failed' | 'cancelled' | 'aborted';
  readonly rowsTruncated: boolean;
  readonly cellsTruncated: boolean;
}

/** What a test may change of a job. A state that is set stays, whatever is asked or however long it takes. */
export type JobChange = Partial<
  Pick<JobFacts, 'state' | 'statusWord' | 'rowsTruncated' | 'cellsTruncated' | 'startTime' | 'endTime' | 'expiredTime'>
>;

export const isFinished = ({ state }: JobFacts): boolean => state !== 'scheduled' && state !== 'started';

/** Whether its file can be had at the moment `now`, epoch milliseconds. */
export const isExpired = ({ expiredTime = 0 }: JobFacts, now: number): boolean => expiredTime <= now;
