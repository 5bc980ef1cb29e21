import type {
  CancelExportInput,
  CancelledExport,
  AwaitCapacityInput,
  DiscardStagingInput,
  DownloadedFile,
  DownloadExportInput,
  DownloadPartsInput,
  ExportPartsInput,
  FinishedJob,
  FinishedParts,
  JobInput,
  ListedForecasts,
  ListForecastsInput,
  RedactedExport,
  RedactExportInput,
  ResolvedConnection,
  RunContext,
  StartedExport,
  StartExportInput,
  StoredExport,
  StoreExportInput,
  VerifiedAuth,
} from '../model/steps.js';

/** Run on the workflows’ queue as a local activity: looks a connection up, touches no network. */
export interface ResolvingActivities {
  resolveConnection(input: { readonly connection: string }): Promise<ResolvedConnection>;
}

/** Calls to one account at Clari; on the account’s queue. */
export interface AccountActivities {
  /** Proves the token with a call that costs no quota. */
  verifyAuth(input: RunContext): Promise<VerifiedAuth>;
  listForecasts(input: ListForecastsInput): Promise<ListedForecasts>;
  /** Creates the job, once. */
  startExport(input: StartExportInput): Promise<StartedExport>;
  /** Ends when Clari has room for one more export. */
  awaitCapacity(input: AwaitCapacityInput): Promise<void>;
  /** Ends when the job is finished. */
  awaitExport(input: JobInput): Promise<FinishedJob>;
  /** Makes a job for each type of a truncated export; ends when all are finished. */
  exportParts(input: ExportPartsInput): Promise<FinishedParts>;
  /** Cancels the job of a cancelled run, and those of its parts, unless other runs wait for them; frees quota. */
  cancelExport(input: CancelExportInput): Promise<CancelledExport>;
}

/** Work on the bytes; on the queue of the staging volume. */
export interface StagingActivities {
  downloadExport(input: DownloadExportInput): Promise<DownloadedFile>;
  /** In the order of the parts. */
  downloadParts(input: DownloadPartsInput): Promise<readonly DownloadedFile[]>;
  redactExport(input: RedactExportInput): Promise<RedactedExport>;
  storeExport(input: StoreExportInput): Promise<StoredExport>;
}

/** What is left to do when a run is over; on a queue of its own beside the staging volume's. */
export interface CleanupActivities {
  /** Removes the run’s bytes, whatever its end was. */
  discardStaging(input: DiscardStagingInput): Promise<void>;
}
