/**
 * The one table of failures: what Temporal does with each, what the operator reads, and what the command line exits with.
 *
 * No other file decides any of these. Anything thrown that is not named here is a bug, and becomes `Unexpected`.
 */

/** What becomes of an activity attempt that ends so. `poll`: not a fault, look again later (benign, counts in no error metric). */
export type Retry = 'never' | 'soon' | 'poll';

export interface FailureRow {
  readonly retry: Retry;
  /** Exit code of the command line when a run ends with it. */
  readonly exitCode: number;
  /** Whether somebody should be told even when nobody is looking. */
  readonly alert: boolean;
  /** One sentence: what the reader can do about it. Never holds data of the export. */
  readonly remedy: string;
  /** The sentence in place of that one where the whole run has ended so: it neither waits nor looks again any more. */
  readonly ended?: string;
  /** True where the job that the run had made or joined is of no use any more: otherwise the end of the run names it. */
  readonly jobIsSpent?: true;
}

const never = (exitCode: number, remedy: string, alert = true): FailureRow => ({
  retry: 'never',
  exitCode,
  alert,
  remedy,
});
const soon = (exitCode: number, remedy: string, ended?: string): FailureRow => ({
  retry: 'soon',
  exitCode,
  alert: true,
  remedy,
  ...(ended === undefined ? {} : { ended }),
});
const poll = (exitCode: number, remedy: string, ended?: string): FailureRow => ({
  ...soon(exitCode, remedy, ended),
  retry: 'poll',
  alert: false,
});
const spent = (row: FailureRow): FailureRow => ({ ...row, jobIsSpent: true });

export const failures = {
  // What was asked for (exit code 2).
  InvalidInput: never(2, 'Correct the input and start the workflow again.', false),
  SecretInInput: never(
    2,
    'Delete this execution so that the secret leaves the history, make a new ' +
      'token in Clari under User Settings > API Token, discard the old one, and name a connection instead.',
  ),
  UnknownConnection: never(
    2,
    'Name a connection of the worker’s configuration; all workers of one CLARI_TASK_QUEUE must have the same.',
    false,
  ),
  ConfigurationInvalid: never(2, 'Correct the worker’s configuration and restart it.'),
  ConfigurationChanged: never(
    2,
    'Start the export again, with its jobId if it has one: it then runs under the new configuration from start to end. If nobody ' +
      'changed it, workers of one CLARI_TASK_QUEUE are configured differently: give them the same, or queues of their own.',
  ),
  UnknownForecast: never(
    2,
    'Take the forecast id from the address of the Forecast Tab in Clari, or one of the ids named here, if any are.',
    false,
  ),
  RequestRefused: never(
    2,
    'Compare the request with what this Clari tenant supports (types, currency, scope, period).',
  ),
  UnknownJob: spent(
    never(
      2,
      'Take the job’s id from the list of exports in Clari: a job is shown to the user who made it alone, and not for ever.',
      false,
    ),
  ),
  EndpointNotFound: never(2, 'Check that CLARI_BASE_URL has the /v4 prefix and that the forecast id exists.'),

  // Credentials and rights (exit code 3).
  SecretUnavailable: soon(3, 'Check that the secret’s reference names something that the worker may read.'),
  TokenRejected: never(
    3,
    'The token has expired, was revoked, or its owner was deactivated: make a new one in Clari under User Settings > API ' +
      'Token and replace the old one where it is kept.',
  ),
  NotOptedIn: never(
    3,
    'The token is good, but its user is not opted in to this forecast or scope: opt the integration user in to forecasting in Clari.',
  ),
  AccessDenied: never(
    3,
    'Ask a Clari administrator to grant the token’s user this right; a job can be seen by the user who made it alone.',
  ),
  WrongOrganisation: spent(
    never(3, 'The token belongs to another Clari organisation than CLARI_ORG_ID says: correct one of the two.'),
  ),

  // Clari itself (exit code 4).
  ClariUnreachable: soon(
    4,
    'Ask IT to allow outgoing connections to Clari’s address (IP allow-list), and check proxy, DNS and certificates.',
  ),
  ClariUnavailable: soon(
    4,
    'Clari answers with server errors: try later, then ask Clari’s support with the ids given here.',
  ),
  ClariRateLimited: soon(
    4,
    'Clari asked for fewer calls: the run waits and goes on.',
    'Clari asked for fewer calls for as long as the step may take: start the export again later, or when fewer run.',
  ),
  ClariAnswerUnreadable: soon(
    4,
    'Clari’s answer has a shape that this version does not know: check CLARI_BASE_URL for a portal or proxy in between, then report it.',
  ),
  CreateOutcomeUnknown: never(
    4,
    'Whether Clari made the job could not be found out: look at the exports in Clari, then start again with its jobId, or with fresh: true.',
  ),
  CreateOutcomePending: poll(
    4,
    'The run looks again whether Clari made the job, before it may ask for one.',
    'Whether Clari made the job was not found out in time: look at the exports in Clari, then start again with its jobId, or with fresh: true.',
  ),
  ExportNotReady: poll(4, 'Clari is still working on the job.'),
  ExportTimedOut: never(
    4,
    'Clari did not finish the job in time: look at it in Clari, then start again with its jobId once it is done.',
  ),
  ExportFailed: spent(
    never(4, 'Clari ended the job without a result: start the export again with fresh: true, or ask Clari’s support.'),
  ),
  ExportExpired: spent(never(4, 'The job’s file has expired at Clari: start the export again with fresh: true.')),
  LinkRefused: never(
    4,
    'The download link points where nothing may be fetched from: if the host is right, name it in CLARI_ALLOWED_LINK_HOSTS.',
  ),
  DownloadInterrupted: soon(
    4,
    'The download broke off: it goes on from the bytes already there.',
    'The download broke off each time: check the way to the download host (proxy, firewall), then start again with the jobId.',
  ),

  // The line of exports for one account (exit code 5).
  LeaseBusy: poll(
    5,
    'Other exports of this account are created first: this one waits for its turn.',
    'Other exports of this account were created all the time: see them by `clari-temporal account show`, then start the export again.',
  ),
  NoCapacity: poll(5, 'The organisation’s exports at Clari are all in use: the run waits for one to become free.'),
  QuotaExhausted: never(
    5,
    'No export became free in time: raise the quota with Clari, or start again when the month has moved on.',
  ),

  LedgerUnavailable: soon(
    5,
    'The run asks again: see that Temporal is well, that a worker runs for its task queue, and that the workflow named here is of the type clariAccount.',
    'See that Temporal is well, that a worker runs for its task queue, and that the workflow named here is of the type clariAccount; ' +
      'then start the export again: a job that it has made is found.',
  ),

  // The promise that what lands is whole (exit code 6).
  ExportTruncated: never(
    6,
    'Clari cut the result: set splitIfTruncated to export each type by itself, export a smaller scope or fewer types, or set ' +
      'allowIncomplete to land it marked as such.',
  ),
  FileMalformed: spent(
    never(6, 'The file is not a whole export: start again with fresh: true; if it stays so, send Clari the job’s id.'),
  ),
  WrongTimePeriod: spent(
    never(6, 'Clari fell back to another quarter than was asked for: correct timePeriod (YYYY_Qn, a fiscal quarter).'),
  ),
  WrongCurrency: spent(
    never(
      6,
      'Clari gave amounts in another currency than was asked for: correct currency, or leave it out to land what Clari chooses.',
    ),
  ),
  ExportHeld: never(
    6,
    'Nothing was published, and the last snapshot stands. Compare it with Clari: if the change is right, start again with the jobId and ' +
      'acceptChange: true; if it is not, with fresh: true.',
  ),
  CountsDisagree: never(
    6,
    'Nothing was published. Report it with the run’s id: a count or checksum that should agree does not.',
  ),
  ValueRejected: never(
    6,
    'Nothing was published: a value can not be landed exactly. The place is named, the value is not.',
  ),

  // The promise that nothing leaks (exit code 7).
  LeakFound: never(
    7,
    'Nothing was published: a treated value showed up where it may not be. Correct the policy for the column named.',
  ),
  PolicyRefused: never(7, 'Correct the connection’s policy or environment.'),
  RedactionKeyUnusable: never(
    7,
    'Give the connection a redaction key of at least 32 bytes of text (CLARI_REDACTION_KEY), such as openssl rand -hex 32 gives.',
  ),

  // Where it goes (exit code 8).
  DestinationBusy: poll(
    8,
    'The destination is in use by somebody else: the run waits until it is free.',
    'The destination was in use by somebody else for as long as the step may take: end that, then start again with the jobId.',
  ),
  DestinationUnavailable: soon(8, 'Check that the destination exists, has space, and lets the worker write.'),
  DestinationIncompatible: never(
    8,
    'A table in the destination has another shape than this version writes: change it as said, or use another database.',
  ),
  // Of two runs that land one export at once, the overtaken one looks again, and finds what the other one has landed.
  LoadSuperseded: {
    ...soon(
      8,
      'A newer attempt of the same load has taken over; this one published nothing.',
      'Newer attempts at the same load took over each time: see which other runs land this export, then start again with the jobId.',
    ),
    alert: false,
  },

  // The worker and its own disk (exit code 9).
  StepTimedOut: never(
    9,
    'No worker finished this step in its time: see that one runs for its task queue and keeps up, or give the step more time ' +
      '(CLARI_ACTIVITY_LIMITS), then start the export again; with its jobId it costs no quota.',
  ),
  StagingLost: {
    ...never(9, 'The staged file is gone: it is downloaded again, which costs no export.', false),
    ended:
      'What was staged went again and again: see what empties or replaces the staging folder, then start again with the jobId.',
  },
  StagingFull: poll(
    9,
    'The run waits until others have discarded what they staged.',
    'Others had all of staging for as long as the step may take: raise CLARI_STAGING_LIMIT_MB, or start again with the jobId when fewer run.',
  ),
  StagingTooSmall: never(
    9,
    'Raise CLARI_STAGING_LIMIT_MB, or take the limit away; what is too long for S3 takes a staging folder.',
  ),
  StagingUnavailable: soon(
    9,
    'Make room in the staging folder, or correct what is said of its bucket, or point CLARI_STAGING_DIR at another.',
  ),

  /** A bug, or something that nobody has met yet. Retried for a bounded time. */
  Unexpected: soon(
    1,
    'This is a fault of the package or its surroundings that it does not know: report it with the run’s id.',
  ),
} as const satisfies Record<string, FailureRow>;

export type FailureType = keyof typeof failures;

/** What the reader can do when a whole run has ended so. */
export function endingRemedy(type: FailureType): string {
  const { remedy, ended = remedy }: FailureRow = failures[type];
  return ended;
}

/** Whether `type`, as found on a failure that came over the wire, is a row of the table. */
export function isFailureType(type: unknown): type is FailureType {
  return typeof type === 'string' && Object.hasOwn(failures, type);
}
