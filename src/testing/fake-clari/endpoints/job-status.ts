import { ok } from '../answers.js';
import type { Handler } from '../exchange.js';
import { jobAnswer } from '../job-answer.js';
import { isExpired } from '../job.js';
import type { Settings } from '../options.js';
import { visibleJob } from './visible-job.js';

/** `GET /export/jobs/{jobId}` */
export const jobStatus: Handler = (exchange, jobId) => {
  const seen = visibleJob(exchange, jobId);
  if ('refusal' in seen) return seen.refusal;
  const { settings, jobs, links } = exchange.world;
  const job = jobs.read(jobId) ?? seen.job;
  const alive = job.state === 'done' && !isExpired(job, settings.now());
  const link = settings.dialect === 'brief' && alive ? { downloadUrl: links.mint(jobId) } : {};
  const answer = { ...jobAnswer(exchange.world, job), ...link };
  return ok(settings.variants.wrapStatus ? { job: answer } : answer);
};

/** `GET /export/jobs`: the jobs of the token's user, of every kind, without links. */
export const jobList: Handler = ({ world, holder }) => {
  const answers = world.jobs
    .all()
    .filter((job) => job.userId === holder?.userId)
    .map((job) => jobAnswer(world, job));
  const name = listName(world.settings);
  return ok(name === 'array' ? answers : { [name]: answers });
};

function listName({ dialect, variants }: Settings): 'array' | 'jobs' | 'job' {
  if (variants.jobList !== 'dialect') return variants.jobList;
  return dialect === 'brief' ? 'jobs' : 'array';
}
