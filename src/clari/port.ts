import type { ExportType } from '../model/request.js';

/** What the rest of the package needs of Clari's revenue API, whichever dialect the tenant speaks. */
export interface ClariApi {
  /** Clari's clock in epoch milliseconds, as its latest answer told it; this machine's where none did. */
  now(): number;
  /** Capacity of the whole organisation; undefined where the tenant has no such endpoint (404). Costs no quota. */
  limits(signal: AbortSignal): Promise<ClariLimits | undefined>;
  /** What can be exported; undefined where the tenant has no such endpoint (404). Costs no quota. */
  forecasts(signal: AbortSignal): Promise<readonly ClariForecast[] | undefined>;
  /**
   * Makes an export job: one POST, never repeated here.
   * @throws ClariError; one with `outcomeUnknown` true may have made a job all the same
   */
  createForecastExport(request: CreateForecastExport, signal: AbortSignal): Promise<{ readonly jobId: string }>;
  job(jobId: string, signal: AbortSignal): Promise<ClariJob>;
  /** Jobs of the token's user, in no particular order. */
  jobs(signal: AbortSignal): Promise<readonly ClariJob[]>;
  /** `finished`: it had ended already; read its status. */
  cancel(jobId: string, signal: AbortSignal): Promise<'cancelled' | 'finished'>;
  /**
   * Where the result of a finished job is now. A bearer secret for one use: use it in the same breath, then forget it.
   * Asks Clari for it each time.
   */
  resultLink(jobId: string, signal: AbortSignal): Promise<DownloadLink>;
}

export interface DownloadLink {
  readonly url: string;
  /** Headers for exactly this URL's host (the apikey for Clari's own results endpoint, nothing for a foreign one). */
  readonly headers: Readonly<Record<string, string>>;
  /** True when the URL came in an answer of Clari's, and so must pass the link rules before it is fetched. */
  readonly foreign: boolean;
}

export interface ClariLimits {
  readonly concurrentLimit: number | undefined;
  readonly monthlyQuota: number | undefined;
  readonly availableConcurrent: number | undefined;
  readonly availableMonthly: number | undefined;
  readonly runningJobIds: readonly string[];
  readonly submittedJobIds: readonly string[];
}

export interface ClariForecast {
  readonly forecastId: string;
  readonly forecastName: string | undefined;
  readonly timePeriods: readonly string[];
}

export interface CreateForecastExport {
  readonly forecastId: string;
  readonly timePeriod: string | null;
  readonly typesToExport: readonly ExportType[];
  readonly scopeId: string | null;
  readonly currency: string | null;
  readonly includeHistorical: boolean;
}

/** `unknown`: a state that nobody has told us of; not an end, and bounded by the deadline. */
export type ClariJobState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled' | 'aborted' | 'unknown';

export interface ClariJob {
  readonly jobId: string;
  readonly state: ClariJobState;
  /** Clari's own word for the state, at most 40 characters. */
  readonly status: string;
  /** Epoch milliseconds. */
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly expiredTime: number | undefined;
  readonly fileName: string | undefined;
  readonly fileType: string | undefined;
  readonly module: string | undefined;
  readonly currency: string | undefined;
  readonly rowsTruncated: boolean;
  readonly cellsTruncated: boolean;
}
