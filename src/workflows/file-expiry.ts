import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { FinishedJob } from '../model/steps.js';
import { failed } from './failing.js';
import type { CallBounds } from './proxies.js';

const MINUTE_MS = 60_000;

/** Until when the file of a job can be had. Counted from Clari's answer, so that no clock has to agree with another. */
export class FileExpiry {
  private readonly endsAt: number;

  constructor(
    private readonly job: FinishedJob,
    /** Bound on a download all the same, its wait in the queue included, in milliseconds. A file that goes before that goes first. */
    private readonly limitMs: number,
  ) {
    this.endsAt = job.expiresInMs === null ? Infinity : Date.now() + job.expiresInMs;
  }

  /** For people: when the file goes, and what that means where it is soon. */
  note(): string | undefined {
    const { expiresAt } = this.job;
    if (expiresAt === null) return undefined;
    const minutes = Math.max(0, Math.round((this.endsAt - Date.now()) / MINUTE_MS));
    return this.isUrgent() ? `${expiresAt}, in ${minutes} minute(s): its download goes first` : expiresAt;
  }

  /**
   * Runs a download that ends with the file's life at the latest.
   * @throws ApplicationFailure `ExportExpired` where that was too short
   */
  async bound<R>(download: (bounds: CallBounds) => Promise<R>): Promise<R> {
    const leftMs = this.endsAt - Date.now();
    if (leftMs >= this.limitMs) return download({ first: this.isUrgent() });
    // To Temporal a time of 0 would be none at all.
    if (leftMs <= 0) throw this.tooLate();
    try {
      return await download({ withinMs: leftMs, first: this.isUrgent() });
    } catch (error) {
      throw ranOutOfTime(error) ? this.tooLate() : error;
    }
  }

  private isUrgent(): boolean {
    return this.endsAt - Date.now() < this.limitMs;
  }

  private tooLate(): Error {
    const { jobId, expiresAt } = this.job;
    return failed(
      'ExportExpired',
      `The file of job ${jobId} was not downloaded before Clari discards it at ${expiresAt}.`,
    );
  }
}

/** An activity that has used up all its time: in an attempt, or because another one would have come too late. */
function ranOutOfTime(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause, retryState } = error;
  return retryState === 'TIMEOUT' || (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_CLOSE');
}
