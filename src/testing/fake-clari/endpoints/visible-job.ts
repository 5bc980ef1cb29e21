import { coded } from '../answers.js';
import type { Answer, Exchange } from '../exchange.js';
import type { FakeJob } from '../job.js';

/** The job if the token's user may see it, else what Clari answers: 403 for another user's job, 400 for no job. */
export function visibleJob(exchange: Exchange, jobId: string): { job: FakeJob } | { refusal: Answer } {
  const job = exchange.world.jobs.get(jobId);
  if (job !== undefined && job.userId === exchange.holder?.userId) return { job };
  const message = job === undefined ? 'The job was not found.' : 'The user has no access to this job.';
  const status = job === undefined ? 400 : 403;
  return { refusal: coded(exchange, { status, code: 'SWW', namespace: 'exports', message }) };
}
