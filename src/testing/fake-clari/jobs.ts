import { randomBytes } from 'node:crypto';
import type { FakeJob, JobChange, JobEnd, JobFacts, JobRequest, JobState, JobSubject, Schedule } from './job.js';
import { isFinished } from './job.js';
import type { Settings } from './options.js';

type KeptJob = JobSubject & { -readonly [K in keyof JobFacts]: JobFacts[K] } & {
  /** Status reads of this attempt. */
  reads: number;
  /** How many of its attempts are yet to fail. */
  failures: number;
  /** How often Clari will try again. */
  retries: number;
  /** When the next attempt begins, if it is not the first. */
  retryTime: number | undefined;
  pinned: boolean;
  readonly toEnd: JobEnd;
};

const USUAL_END: JobEnd = { end: 'done', rowsTruncated: false, cellsTruncated: false };

const RETRIES: Readonly<Record<Schedule, number>> = { NONE: 0, ONCE: 1, MAX: 3 };
const RETRY_MS = 30 * 60_000;
const QUOTA_WINDOW_MS = 30 * 24 * 60 * 60_000;

/** Tells how many records the main list of an export has. */
export interface RowCounter {
  rowCount(subject: JobSubject): number;
}

/** The export jobs of the fake organisation. */
export class FakeJobs {
  readonly #settings: Settings;
  readonly #rows: RowCounter;
  readonly #jobs = new Map<string, KeptJob>();
  /** Failing attempts of the next jobs. */
  #failures: number[] = [];

  constructor(settings: Settings, rows: RowCounter) {
    this.#settings = settings;
    this.#rows = rows;
  }

  /** Jobs of everybody, oldest first. */
  all(): readonly FakeJob[] {
    return [...this.#jobs.values()].map((job) => this.#settled(job));
  }

  get(jobId: string): FakeJob | undefined {
    const job = this.#jobs.get(jobId);
    return job === undefined ? undefined : this.#settled(job);
  }

  /** Makes a job as Clari's own web pages or another client would, whatever the limits. A bare request is one for a forecast. */
  create(userId: number, asked: JobRequest | JobSubject, toEnd = USUAL_END): FakeJob {
    const subject: JobSubject = 'kind' in asked ? asked : { kind: 'forecast', request: asked };
    const job: KeptJob = {
      ...subject,
      jobId: randomBytes(12).toString('hex'),
      userId,
      state: 'scheduled',
      statusWord: undefined,
      startTime: this.#settings.now(),
      endTime: undefined,
      expiredTime: undefined,
      rowsTruncated: false,
      cellsTruncated: false,
      downloads: 0,
      reads: 0,
      failures: this.#failures.shift() ?? 0,
      retries: subject.kind === 'forecast' ? RETRIES[subject.request.schedule ?? 'NONE'] : 0,
      retryTime: undefined,
      pinned: false,
      toEnd,
    };
    this.#jobs.set(job.jobId, job);
    return job;
  }

  /**
   * The first `attempts` attempts of the next `count` jobs that are made fail. Jobs whose `schedule` grants no further attempt then
   * end FAILED; the default is that no number of attempts is enough.
   */
  failNext(count = 1, attempts = Number.POSITIVE_INFINITY): void {
    for (let job = 0; job < count; job += 1) this.#failures.push(attempts);
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
    const { jobDurationMs, pollsUntilDone, now } = this.#settings;
    const waits = job.retryTime !== undefined && now() < job.retryTime;
    if (jobDurationMs > 0 || job.pinned || isFinished(job) || waits) return job;
    job.reads += 1;
    if (job.reads > pollsUntilDone) this.#endAttempt(job, now());
    else if (job.reads > 1) job.state = 'started';
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
    if (jobDurationMs === 0 || job.pinned) return job;
    while (!isFinished(job)) {
      const began = job.retryTime ?? job.startTime;
      if (now() < began + jobDurationMs) {
        if (now() >= began + jobDurationMs / 10) job.state = 'started';
        break;
      }
      this.#endAttempt(job, began + jobDurationMs);
    }
    return job;
  }

  #endAttempt(job: KeptJob, at: number): void {
    const { end } = job.toEnd;
    if (end !== 'done') {
      this.#enter(job, end, at);
    } else if (job.failures === 0) {
      this.#enter(job, 'done', at);
    } else if (job.retries === 0) {
      this.#enter(job, 'failed', at);
    } else {
      job.state = 'scheduled';
      job.failures -= 1;
      job.retries -= 1;
      job.retryTime = at + RETRY_MS;
      job.reads = 0;
    }
  }

  #truncate(job: KeptJob): void {
    const { maxRows } = this.#settings;
    job.rowsTruncated ||= job.toEnd.rowsTruncated || (Number.isFinite(maxRows) && this.#rows.rowCount(job) > maxRows);
    job.cellsTruncated ||= job.toEnd.cellsTruncated;
  }

  #enter(job: KeptJob, state: JobState, at = this.#settings.now()): void {
    job.state = state;
    if (state === 'done') this.#truncate(job);
    const finished = isFinished(job);
    job.endTime = finished ? at : undefined;
    job.expiredTime = finished ? at + this.#settings.fileLifetimeMs : undefined;
  }
}
