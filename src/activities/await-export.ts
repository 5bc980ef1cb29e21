import { Context } from '@temporalio/activity';
import type { ClariJob } from '../clari/port.js';
import { crashPoint } from '../crash/crash-point.js';
import { ExportError } from '../model/export-error.js';
import type { FinishedJob, JobInput } from '../model/steps.js';
import { connectionOf, type ActivityDependencies } from './dependencies.js';
import { attempt } from './guarded.js';
import { pollDelay } from './poll-delay.js';

const LONGEST_MS = 60_000;

/** Answers when the job is finished; until then each attempt says "not yet", which holds no slot and writes no event. */
export function awaitExport(dependencies: ActivityDependencies) {
  return (input: JobInput): Promise<FinishedJob> =>
    attempt(async ({ signal }) => {
      const { clari, account } = connectionOf(dependencies, input);
      const job = await clari.job(input.jobId, signal);
      // Clari's word goes into messages: anything but a word may hold anything.
      const status = /^[A-Za-z_]{1,30}$/.test(job.status) ? job.status : '(a state not shown)';
      switch (job.state) {
        case 'done':
          return finished(job);
        case 'failed':
        case 'cancelled':
        case 'aborted':
          // From here on an equal request makes a new job.
          await dependencies.ledger.settle(account, { exportId: input.exportId, requester: '', state: 'failed' });
          throw new ExportError('ExportFailed', `Clari's job ${input.jobId} ended as ${status}.`);
        case 'pending':
        case 'running':
        case 'unknown': {
          crashPoint('while-polling');
          const { attempt: look } = Context.current().info;
          const state = job.state === 'unknown' ? `in a state that this version does not know, ${status}` : status;
          throw new ExportError(
            'ExportNotReady',
            `Clari's job ${input.jobId} is ${state}; looked at ${look} time(s).`,
            {
              retryAfterMs: pollDelay(look, LONGEST_MS),
            },
          );
        }
      }
    });
}

function finished(job: ClariJob): FinishedJob {
  if (job.expiredTime !== undefined && job.expiredTime <= Date.now()) {
    throw new ExportError('ExportExpired', `The file of Clari's job ${job.jobId} expired at ${iso(job.expiredTime)}.`);
  }
  return {
    jobId: job.jobId,
    capturedAt: iso(job.startTime ?? job.endTime ?? Date.now()),
    expiresAt: job.expiredTime === undefined ? null : iso(job.expiredTime),
    truncated: job.rowsTruncated || job.cellsTruncated,
  };
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
