import { ok } from '../answers.js';
import type { Handler } from '../exchange.js';
import { jobAnswer } from '../job-answer.js';
import { visibleJob } from './visible-job.js';

/** `GET /export/jobs/{jobId}` */
export const jobStatus: Handler = (exchange, jobId) => {
  const seen = visibleJob(exchange, jobId);
  if ('refusal' in seen) return seen.refusal;
  const { settings, jobs, links } = exchange.world;
  const job = jobs.read(jobId) ?? seen.job;
  const alive = (job.expiredTime ?? 0) > settings.now();
  const link = settings.dialect === 'brief' && job.state === 'done' && alive ? { downloadUrl: links.mint(jobId) } : {};
  const answer = { ...jobAnswer(exchange.world, job), ...link };
  return ok(settings.wrapStatus ? { job: answer } : answer);
};

/** `GET /export/jobs`: the jobs of the token's user, without links. */
export const jobList: Handler = ({ world, holder }) => {
  const answers = world.jobs
    .all()
    .filter((job) => job.userId === holder?.userId)
    .map((job) => jobAnswer(world, job));
  return ok(world.settings.dialect === 'brief' ? { jobs: answers } : answers);
};
