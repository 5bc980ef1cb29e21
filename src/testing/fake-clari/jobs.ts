import { randomBytes } from 'node:crypto';
import type { FileRequest } from './data/forecast-file.js';
import type { Settings } from './options.js';

export type JobState = 'scheduled' | 'started' | 'done' | 'failed' | 'cancelled' | 'aborted';

export interface JobRequest extends FileRequest {
  readonly forecastId: string;
  readonly scopeId: string | null;
}

export interface FakeJob {
  readonly jobId: string;
  /** Whose token made it. */
  readonly userId: number;
  readonly request: JobRequest;
  readonly state: JobState;
  /** Stands in the answers in place of the dialect's word for `state`. */
  readonly statusWord: string | undefined;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly endTime: number | undefined;
  readonly expiredTime: number | undefined;
  readonly rowsTruncated: boolean;
  readonly cellsTruncated: boolean;
  readonly downloads: number;
}

/** What a test may change of a job. A state that is set stays, whatever is asked or however long it takes. */
export type JobChange = Partial<
  Pick<FakeJob, 'state' | 'statusWord' | 'rowsTruncated' | 'cellsTruncated' | 'startTime' | 'endTime' | 'expiredTime'>
>;

type KeptJob = { -readonly [K in keyof FakeJob]: FakeJob[K] } & {
  reads: number;
  readonly end: 'done' | 'failed';
  pinned: boolean;
};

const QUOTA_WINDOW_MS = 30 * 24 * 60 * 60_000;

export const isFinished = (job: FakeJob): boolean => job.state !== 'scheduled' && job.state !== 'started';

/** The export jobs of the fake organisation. */
export class FakeJobs {
  readonly #settings: Settings;
  readonly #jobs = new Map<string, KeptJob>();
  #failNext = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Jobs of everybody, oldest first. */
  all(): readonly FakeJob[] {
    return [...this.#jobs.values()].map((job) => this.#settled(job));
  }

  get(jobId: string): FakeJob | undefined {
    const job = this.#jobs.get(jobId);
    return job === undefined ? undefined : this.#settled(job);
  }

  /** Makes a job as Clari's own web pages or another client would, whatever the limits. */
  create(userId: number, request: JobRequest): FakeJob {
    const job: KeptJob = {
      jobId: randomBytes(12).toString('hex'),
      userId,
      request,
      state: 'scheduled',
      statusWord: undefined,
      startTime: this.#settings.now(),
      endTime: undefined,
      expiredTime: undefined,
      rowsTruncated: false,
      cellsTruncated: false,
      downloads: 0,
      reads: 0,
      end: this.#failNext > 0 ? 'failed' : 'done',
      pinned: false,
    };
    this.#failNext = Math.max(0, this.#failNext - 1);
    this.#jobs.set(job.jobId, job);
    return job;
  }

  /** The next `count` jobs that are made end FAILED. */
  failNext(count = 1): void {
    this.#failNext += count;
  }

  /** @throws RangeError for an unknown job */
  update(jobId: string, change: JobChange): FakeJob {
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new RangeError(`no job ${jobId}`);
    const { state, ...others } = change;
    if (state !== undefined) {
      this.#enter(job, state);
      job.pinned = true;
    }
    return Object.assign(job, others);
  }

  /** A status read, which moves jobs on where reads decide: the state that it finds. */
  read(jobId: string): FakeJob | undefined {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return undefined;
    this.#settled(job);
    const { jobDurationMs, pollsUntilDone } = this.#settings;
    if (jobDurationMs > 0 || job.pinned || isFinished(job)) return job;
    if (job.reads >= pollsUntilDone) this.#enter(job, job.end);
    else if (job.reads > 0) job.state = 'started';
    job.reads += 1;
    return job;
  }

  /** False when it had ended already. */
  cancel(jobId: string): boolean {
    const job = this.#jobs.get(jobId);
    if (job === undefined || isFinished(this.#settled(job))) return false;
    this.#enter(job, job.state === 'started' ? 'aborted' : 'cancelled');
    return true;
  }

  countDownload(jobId: string): void {
    const job = this.#jobs.get(jobId);
    if (job !== undefined) job.downloads += 1;
  }

  /** Unfinished jobs of the whole organisation. */
  unfinished(): readonly FakeJob[] {
    return this.all().filter((job) => !isFinished(job));
  }

  /** Jobs that count towards the quota of thirty days. */
  submitted(): readonly FakeJob[] {
    const since = this.#settings.now() - QUOTA_WINDOW_MS;
    return this.all().filter((job) => job.startTime > since && job.state !== 'cancelled' && job.state !== 'aborted');
  }

  /** Brings a job whose end is a matter of time up to now. */
  #settled(job: KeptJob): KeptJob {
    const { jobDurationMs, now } = this.#settings;
    if (jobDurationMs === 0 || job.pinned || isFinished(job)) return job;
    const end = job.startTime + jobDurationMs;
    if (now() >= end) this.#enter(job, job.end, end);
    else if (now() >= job.startTime + jobDurationMs / 10) job.state = 'started';
    return job;
  }

  #enter(job: KeptJob, state: JobState, at = this.#settings.now()): void {
    job.state = state;
    const finished = isFinished(job);
    job.endTime = finished ? at : undefined;
    job.expiredTime = finished ? at + this.#settings.fileLifetimeMs : undefined;
  }
}
