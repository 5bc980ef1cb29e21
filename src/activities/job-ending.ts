import { Context } from '@temporalio/activity';
import type { ClariJob } from '../clari/port.js';
import { ExportError } from '../model/export-error.js';
import type { FinishedJob } from '../model/steps.js';
import { pollDelay } from './poll-delay.js';

const LONGEST_MS = 60_000;

/**
 * What Clari says of a job that has ended well.
 *
 * @param now Clari's clock: the file's last day is told by it
 * @throws ExportError `ExportNotReady` while it has not ended, with the wait until the next look; `ExportFailed`, `ExportExpired`
 */
export function endingOf(job: ClariJob, now: number): FinishedJob {
  // Clari's word goes into messages: an unknown one may be anything, but nobody's name is spelt like a state.
  const shown = job.state !== 'unknown' || /^[A-Z][A-Z_]{0,29}$/.test(job.status);
  const status = shown ? job.status : '(a state not shown)';
  switch (job.state) {
    case 'done':
      return finished(job, now);
    case 'failed':
    case 'cancelled':
    case 'aborted':
      throw new ExportError('ExportFailed', `Clari's job ${job.jobId} ended as ${status}.`);
    case 'pending':
    case 'running':
    case 'unknown': {
      const { attempt: look } = Context.current().info;
      const state = job.state === 'unknown' ? `in a state that this version does not know, ${status}` : status;
      throw new ExportError('ExportNotReady', `Clari's job ${job.jobId} is ${state}; looked at ${look} time(s).`, {
        retryAfterMs: pollDelay(look, LONGEST_MS),
      });
    }
  }
}

function finished({ jobId, expiredTime, startTime, endTime, ...job }: ClariJob, now: number): FinishedJob {
  if (expiredTime !== undefined && expiredTime <= now) {
    throw new ExportError('ExportExpired', `The file of Clari's job ${jobId} expired at ${iso(expiredTime)}.`);
  }
  return {
    jobId,
    capturedAt: iso(startTime ?? endTime ?? now),
    expiresAt: expiredTime === undefined ? null : iso(expiredTime),
    expiresInMs: expiredTime === undefined ? null : Math.ceil(expiredTime - now),
    truncated: job.rowsTruncated || job.cellsTruncated,
  };
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
