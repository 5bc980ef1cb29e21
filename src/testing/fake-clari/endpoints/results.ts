import { coded, noRoute } from '../answers.js';
import type { Handler } from '../exchange.js';
import { isExpired } from '../job.js';
import { visibleJob } from './visible-job.js';

/** `GET /export/jobs/{jobId}/results`, which the brief dialect does not have. */
export const results: Handler = (exchange, jobId) => {
  const { settings, jobs, files } = exchange.world;
  if (settings.dialect === 'brief') return noRoute();
  const seen = visibleJob(exchange, jobId);
  const job = 'job' in seen && seen.job.state === 'done' ? seen.job : undefined;
  if (job === undefined || isExpired(job, settings.now())) {
    // One code for a wrong id, a job of somebody else, an unfinished one and an expired file.
    const message = 'The job id is not valid or the job has not finished executing.';
    const status = job === undefined ? 400 : settings.variants.expiredResults;
    return coded(exchange, { status, code: 'invalid_jobId', namespace: 'exports', message });
  }
  if (exchange.request.method === 'GET') jobs.countDownload(jobId);
  return { kind: 'file', served: files.ofJob(job) };
};
