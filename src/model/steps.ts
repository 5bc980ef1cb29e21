import type { ActivityLimitOverrides } from './activity-limits.js';
import type { Change, DroppedField, KeyMark, PolicyMark, Receipt } from './receipt.js';
import type { Reference } from './reference.js';
import type { ExportForecastRequest, ExportType } from './request.js';
import type { ForecastTableName } from './tables.js';

/** What each step of an export takes and gives: references, counts and decisions only, since all of it stands in the history. */

/** Given to every activity of a run: which connection, under which version of the configuration. */
export interface RunContext {
  readonly connection: string;
  /** An activity on a worker with another configuration refuses to go on. */
  readonly configDigest: string;
}

export interface ResolvedConnection extends RunContext {
  readonly account: string;
  readonly environment: string;
  readonly policy: string;
  readonly accountQueue: string;
  readonly stagingQueue: string;
  readonly limits: ActivityLimitOverrides;
  /** Bound on the whole run, in seconds. */
  readonly deadline: number;
  /** How long an export that differs much from the last snapshot waits for somebody to accept it, in seconds. */
  readonly holdSeconds: number;
}

export interface VerifiedAuth {
  /** Which call proved the token: it costs no quota. */
  readonly provedBy: 'limits' | 'listing';
}

export interface ListForecastsInput extends RunContext {
  /** Only this one is answered, and an unknown one is a failure that names what there is. Absent: all, at most 100. */
  readonly forecastId?: string;
}

export interface ListedForecasts {
  /** Clari's listing; else the configured ids; else nothing is known and the request is believed. */
  readonly source: 'listing' | 'configuration' | 'request';
  readonly forecasts: readonly ListedForecast[];
  /** How many there are. */
  readonly total: number;
}

export interface ListedForecast {
  readonly forecastId: string;
  readonly forecastName: string | null;
  /** The newest at most 8. */
  readonly timePeriods: readonly string[];
}

export interface StartExportInput extends RunContext {
  readonly request: ExportForecastRequest;
  /** Workflow id and first run id: a run that is reset or retried gets its own job back. */
  readonly requester: string;
  /** Scheduled time of a scheduled run, ISO; null for an ad-hoc one. */
  readonly scheduledAt: string | null;
  /** It has waited for room at Clari and found some: should there be none again, each attempt says "not yet". */
  readonly waited: boolean;
}

export type StartedExport =
  | {
      readonly outcome: 'started';
      readonly exportId: string;
      readonly jobId: string;
      readonly asOf: string;
      /** Scheduled time of the export, which is not that of every run that shares it; null where it has none. */
      readonly scheduledAt: string | null;
      /** How this run came by the job. */
      readonly origin: 'created' | 'joined' | 'adopted' | 'requested';
      readonly warnings: readonly string[];
    }
  | ({ readonly outcome: 'no-capacity' } & CapacityShortage);

/** Which limit is reached. `unknown`: Clari refused, and its limits say that there is room, or can't be read. */
export interface CapacityShortage {
  readonly limit: 'concurrent' | 'monthly' | 'unknown';
  readonly of: number | null;
  /** What Clari says is free, of both limits; null where it does not say. */
  readonly free: { readonly concurrent: Free | null; readonly monthly: Free | null };
  /** Exports of this account that came earlier and wait too: what is free is theirs first. */
  readonly ahead: number;
}

export interface AwaitCapacityInput extends RunContext {
  /** Same as for `startExport`: the run keeps its place in line. */
  readonly requester: string;
  readonly shortage: CapacityShortage;
}

export interface Free {
  readonly free: number;
  /** Null where Clari does not say. */
  readonly of: number | null;
}

export interface JobInput extends RunContext {
  readonly exportId: string;
  readonly jobId: string;
}

export interface ExportPartsInput extends RunContext {
  /** Same as for `startExport`. */
  readonly request: ExportForecastRequest;
  readonly requester: string;
  readonly scheduledAt: string | null;
  /** The export whose result Clari truncated. */
  readonly exportId: string;
}

export interface FinishedPart extends FinishedJob {
  readonly type: ExportType;
}

export interface FinishedParts {
  /** Oldest job first. */
  readonly parts: readonly FinishedPart[];
  readonly warnings: readonly string[];
}

export interface CancelExportInput extends RunContext {
  /** Same as for `startExport`: a run cancelled between POST and answer knows no job id. */
  readonly requester: string;
  /** The job that this run itself has made; null where it knows of none, or shares another run's. */
  readonly madeJobId: string | null;
  /** What was asked for: by it the job of a lost answer is told from others. */
  readonly request: ExportForecastRequest;
  /** Types that may have jobs of their own, since the export is being split. Default none. */
  readonly parts?: readonly ExportType[];
}

export interface CancelledExport {
  readonly cancelled: boolean;
  /** The answer to the request for a job was lost, and nobody can tell whether one was made: a person has to look in Clari. */
  readonly mayBeLeft: boolean;
}

export interface FinishedJob {
  readonly jobId: string;
  /** Start of the job, ISO: the state that its rows show. */
  readonly capturedAt: string;
  /** When Clari discards the file, ISO; null where it does not say. */
  readonly expiresAt: string | null;
  /** Milliseconds until then, by Clari's clock on both sides, so that ours may be wrong; null where it does not say. */
  readonly expiresInMs: number | null;
  readonly truncated: boolean;
}

export interface RunStagingInput extends RunContext {
  /** Names the run's part of staging. */
  readonly runKey: string;
}

export interface DownloadExportInput extends RunStagingInput {
  readonly jobId: string;
}

export interface DownloadPartsInput extends RunStagingInput {
  readonly parts: readonly Pick<FinishedPart, 'type' | 'jobId'>[];
}

export interface DownloadedFile {
  readonly file: Reference;
  readonly encoding: 'identity' | 'gzip';
  /** Links asked for; more than one where a link lapsed half-way. */
  readonly links: number;
  /** False where the answer carried neither a length nor an end mark: the file's own structure is the only proof. */
  readonly lengthProven: boolean;
}

export interface RedactExportInput extends RunStagingInput {
  /** The export's file; of a split export each part's, oldest job first. */
  readonly downloads: readonly DownloadedFile[];
}

export interface StagedTableReference {
  readonly table: ForecastTableName;
  readonly file: Reference;
  readonly read: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly rows: number;
  readonly checksum: string;
  /** Absent in histories of before it was made. */
  readonly fingerprint?: string;
  /** Present in a split export alone. */
  readonly split?: JoinedParts;
}

/** How the parts of a split export became one table. */
export interface JoinedParts {
  /** Records read less rows written. */
  readonly joined: number;
  /** Rows that are joined with none: without a key, or entries that do not fit together. Elsewhere also the newest job's, where they differ. */
  readonly differing: number;
}

/** What one file of a split export holds. */
export interface RedactedPart {
  /** Entries. */
  readonly rows: number;
  /** Fiscal quarters that its rows name, as in RedactionFindings. */
  readonly timePeriods: readonly string[];
}

/** What redaction says of a file beside its tables. */
export interface RedactionFindings {
  readonly policy: PolicyMark;
  readonly key: KeyMark | null;
  /** Fields of the file that are not landed, most frequent first, at most 30. */
  readonly droppedFields: readonly DroppedField[];
  /** Fiscal quarters that the rows name, sorted, at most 8. */
  readonly timePeriods: readonly string[];
  /** Currencies that the rows name, sorted, at most 32. */
  readonly currencies: readonly string[];
  /** Which of Clari's value types have at least one value: `forecast`, `quota`, ... */
  readonly typesSeen: readonly string[];
  /** Present in a split export alone, in the order of the files. */
  readonly parts?: readonly RedactedPart[];
}

export interface RedactedExport extends RedactionFindings {
  readonly tables: readonly StagedTableReference[];
}

export interface StoreExportInput extends RunStagingInput {
  readonly request: ExportForecastRequest;
  readonly export: { readonly exportId: string; readonly jobId: string; readonly asOf: string };
  readonly scheduledAt: string | null;
  /** Of a split export: the truncated job, with the start of the oldest part, and truncated where a part is. */
  readonly job: FinishedJob;
  readonly downloads: readonly DownloadedFile[];
  /** Present in a split export alone, in the order of `downloads`. */
  readonly parts?: readonly FinishedPart[];
  readonly redacted: RedactedExport;
  readonly warnings: readonly string[];
  /** Somebody has seen how the export differs from the last snapshot and wants it landed. */
  readonly accepted: AcceptedInput | null;
  /** Present where the hold is over and nobody has accepted this: nothing is landed unless another run has landed the export. */
  readonly heldInVain?: Change;
}

export interface AcceptedInput {
  readonly by: string | null;
  /** What they were shown: of another change nobody knows yet. Absent in runs of earlier versions. */
  readonly seen?: Change;
}

export interface DiscardStagingInput extends RunStagingInput {
  /** Ends this run's part in the account's ledger; null where no export was started. */
  readonly exportId: string | null;
  readonly requester: string;
  /** The run has begun to land its export and ends without having landed it. Default false. */
  readonly unlanded?: boolean;
}

export type StoredExport =
  | { readonly outcome: 'landed'; readonly receipt: Receipt }
  /** Nothing was published: it differs too much from the last snapshot for nobody to look at it. */
  | ({ readonly outcome: 'held' } & Change);
