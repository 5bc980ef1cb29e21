/**
 * What the always-open workflow `clariAccount` is told and answers: one for each account, holder of the ledger
 * *export key → job* and of the creation lease. Its updates are short and never wait.
 */

/** `claimed`: somebody may post. `posting`: a POST may be under way. `created`: the job is known. The rest are ends. */
export type LedgerState = 'claimed' | 'posting' | 'created' | 'ended' | 'failed' | 'cancelled';

export interface LedgerEntry {
  readonly exportId: string;
  /** Hash of what was asked for. */
  readonly whatKey: string;
  /** ISO: the scheduled time of a scheduled run, else the time of the first claim. */
  readonly asOf: string;
  /** ISO: the scheduled time of the runs that asked for it; null as long as all came by hand. */
  readonly scheduledAt: string | null;
  readonly generation: number;
  /** Runs that take part, newest last: all that go on, and at most 50 that are over. */
  readonly requesters: readonly string[];
  /** Those of them that wait for it now: as long as there is one, the job is not cancelled. */
  readonly active: readonly string[];
  /** By it alone the jobs of two exports can be told from each other in Clari's list. */
  readonly forecastId: string;
  readonly state: LedgerState;
  readonly jobId: string | null;
  /** Set before the POST; whoever finds it reconciles and never posts. */
  readonly intent: PostIntent | null;
  /** When that was, epoch milliseconds by Temporal's clock. */
  readonly intendedAt: number | null;
  /** What it stands in line for; null where it has never had to. */
  readonly waits: Waiting | null;
  /** What every run that takes part puts into its receipt, at most 4. */
  readonly warnings: readonly string[];
  /** First claim, or that which took it up again without a job: epoch milliseconds. Entries are kept in this order, that of the line. */
  readonly createdAt: number;
  /** Its job is being landed again: whoever asks for the same thing now wants a new one. */
  readonly relanded: boolean;
  /** Export whose result Clari truncated, and of which this is one type. */
  readonly partOf?: string;
  /** A new job was asked for although there may be an equal one. Default false. */
  readonly fresh?: boolean;
  /** Last change, epoch milliseconds. */
  readonly changedAt: number;
}

/** A place in line. Who does not come back in time is believed dead, and nobody waits for it. */
export interface Waiting {
  readonly for: 'lease' | 'capacity';
  /** Epoch milliseconds. */
  readonly until: number;
}

/** What was known at Clari just before the POST: any other matching job is ours. */
export interface PostIntent {
  /** Jobs that could be confused with ours. */
  readonly knownJobIds: readonly string[];
  /** Where there were too many of them: jobs that began before this (Clari's clock) were there too. Null: all are known. */
  readonly knownSince: number | null;
  /** Jobs that counted against the quota; null where Clari does not tell. */
  readonly submitted: SubmittedJobs | null;
  /** When that was, by Clari's clock, epoch milliseconds. */
  readonly askedAt: number;
  /** The ledger has kept the digest of `submitted` and nothing else: no job can be told to be new. Default false. */
  readonly digestOnly?: boolean;
}

/** A set of job ids, made small (activities/submitted-jobs.ts). */
export interface SubmittedJobs {
  readonly digest: string;
  /** Base64; null where there are too many. */
  readonly marks: string | null;
}

export interface ClaimInput {
  readonly whatKey: string;
  readonly forecastId: string;
  readonly requester: string;
  /** Fences this attempt: a later claim takes the lease away from it. */
  readonly attempt: string;
  readonly scheduledAt: string | null;
  readonly fresh: boolean;
  /** Land this job; nothing is posted. */
  readonly jobId: string | null;
  /** When it began, by Clari's clock, epoch milliseconds; absent where Clari does not tell. */
  readonly jobStartedAt?: number | undefined;
  /** The export whose part is asked for, which then has one job for all runs and for ever. `whatKey` differs by it. */
  readonly partOf?: string;
  /** The export under which that job has landed, for a ledger that does not know it. */
  readonly landedAs?: LandedAs | undefined;
}

export interface LandedAs {
  readonly exportId: string;
  readonly asOf: string;
  readonly scheduledAt: string | null;
}

export type ClaimAnswer =
  | {
      readonly action: 'post';
      readonly exportId: string;
      readonly asOf: string;
      readonly scheduledAt: string | null;
      /** The ledger goes no further back than this: the export may have been made under one that is lost. */
      readonly mayBeForgotten: boolean;
      /** Jobs of which one may be that export's: as AccountState has them. */
      readonly foundJobs?: SubmittedJobs;
      /** Jobs of other exports. */
      readonly takenJobIds: readonly string[];
      /** Exports that came earlier and wait: what is free at Clari is theirs first. */
      readonly ahead: number;
    }
  | {
      readonly action: 'use';
      readonly exportId: string;
      readonly asOf: string;
      readonly scheduledAt: string | null;
      readonly jobId: string;
      readonly joined: boolean;
      /** Export of which it is one type alone. */
      readonly partOf?: string;
      readonly warnings: readonly string[];
      /** Other runs that wait for it, newest last, as far as the ledger was told. */
      readonly others: readonly string[];
      /** Milliseconds since the job was asked for. */
      readonly ageMs: number;
    }
  | {
      readonly action: 'reconcile';
      readonly exportId: string;
      readonly asOf: string;
      readonly scheduledAt: string | null;
      readonly intent: PostIntent;
      /** Milliseconds since the intent, by Temporal's clock. */
      readonly waitedMs: number;
      /** Jobs of other exports: none of them is this one's. */
      readonly takenJobIds: readonly string[];
      readonly ahead: number;
    }
  | {
      readonly action: 'wait';
      /** Who creates now, or is the next to. */
      readonly heldBy: string;
      /** Milliseconds since the lease was taken; 0 where it is free. */
      readonly heldForMs: number;
      /** How many create before it, at least 1. */
      readonly ahead: number;
      /** False: the ledger is full of exports that are under way, and keeps no place for this one. */
      readonly inLine: boolean;
    };

export interface IntentInput {
  readonly exportId: string;
  readonly attempt: string;
  readonly intent: PostIntent;
}

/** `lost`: a later attempt holds the lease; this one must not post. */
export type IntentAnswer = 'acknowledged' | 'lost';

export interface RecordInput {
  readonly exportId: string;
  readonly jobId: string;
  /** Jobs that its POST made beside it. Default 0. */
  readonly excess?: number;
  /** Default none. */
  readonly warnings?: readonly string[];
}

/** The job that the export has: another one than recorded here was made in excess. */
export interface RecordAnswer {
  readonly jobId: string;
  /** Every run that wanted it was cancelled meanwhile: nobody else will cancel the job. */
  readonly unwanted: boolean;
}

export interface ReleaseInput {
  readonly exportId: string;
  /** Null: an operator's, whoever holds the lease. */
  readonly attempt: string | null;
  /** Whether it is certain that no job was made; else the next claimant still has to reconcile. */
  readonly noJob: boolean;
  /** The export waits for room at Clari and comes back within so many milliseconds. Absent: it does not. */
  readonly waitsMs?: number;
}

export interface LineInput {
  readonly requester: string;
  /** The run asks again within so many milliseconds. */
  readonly withinMs: number;
}

export interface LineAnswer {
  /** Exports that came earlier and wait too. */
  readonly ahead: number;
}

export interface SettleInput {
  readonly exportId: string;
  /** Empty where Clari has ended the job, for all runs alike, or the run takes part no more. */
  readonly requester: string;
  /** `kept`: it was to be cancelled, and Clari had finished it before. */
  readonly state: Extract<LedgerState, 'ended' | 'failed' | 'cancelled'> | 'kept';
}

export interface FindInput {
  readonly requester: string;
  /** Finds the export that has this job, where the run takes part in none. Default none. */
  readonly jobId?: string | null;
}

export type FindAnswer =
  | (Pick<LedgerEntry, 'exportId' | 'state' | 'jobId' | 'intent' | 'asOf' | 'warnings'> & {
      /** Milliseconds since the intent, by Temporal's clock; 0 where there is none. */
      readonly waitedMs: number;
      /** False: it was found by its job. */
      readonly takesPart: boolean;
      /** Other runs that wait for it: their job must not be cancelled. */
      readonly others: readonly string[];
      /** Jobs of other exports. */
      readonly takenJobIds: readonly string[];
    })
  | null;

/** All that survives a continue-as-new. */
export interface AccountState {
  readonly account: string;
  readonly entries: readonly LedgerEntry[];
  readonly lease: {
    readonly exportId: string;
    readonly requester: string;
    readonly attempt: string;
    readonly since: number;
  } | null;
  /** Jobs made in excess, ever: reported, never hidden. */
  readonly excessJobs: number;
  /**
   * Jobs that counted against the quota when the ledger, or what it remembers, began: of these alone one may be of an export that
   * is forgotten. Absent until the first POST, and where Clari does not tell.
   */
  readonly foundJobs?: SubmittedJobs;
}

/** How an export stands, in a few words for people. */
export function shownState({ state, waits }: LedgerEntry): string {
  if (state !== 'claimed' || !waits) return state;
  return waits.for === 'lease' ? 'in line for the lease' : 'in line for room at Clari';
}

export const accountWorkflowType = 'clariAccount';

/** Names of the updates; the handlers and the client both take them from here. */
export const accountUpdates = {
  claim: 'claimExport',
  intend: 'intendPost',
  record: 'recordJob',
  release: 'releaseLease',
  settle: 'settleExport',
  find: 'findExport',
  line: 'standInLine',
} as const;
export const ledgerQuery = 'ledger';
