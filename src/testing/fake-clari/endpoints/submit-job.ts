import { quotaReached } from '../answers.js';
import type { Answer, Exchange } from '../exchange.js';
import { statusWord } from '../job-answer.js';
import type { JobSubject } from '../job.js';

/** Makes a job if the organisation's limits allow it, which are the same for exports of all kinds. */
export function submitJob(exchange: Exchange, subject: JobSubject, status: number): Answer {
  const { world, holder, entry, faults } = exchange;
  const { settings, jobs } = world;
  if (jobs.unfinished().length >= settings.concurrentLimit || jobs.submitted().length >= settings.monthlyQuota) {
    return quotaReached(exchange);
  }
  const job = jobs.create(holder?.userId ?? 0, subject, faults.of('job'));
  entry.jobId = job.jobId;
  const { idName, wrapCreated } = settings.variants;
  const created = {
    [idName]: job.jobId,
    ...(settings.dialect === 'brief' ? { status: statusWord(settings, job) } : {}),
  };
  return { kind: 'json', status, body: wrapCreated ? { job: created } : created };
}
