import { coded, ok } from '../answers.js';
import type { Handler } from '../exchange.js';
import { bodyText } from '../exchange.js';
import { statusWord } from '../job-answer.js';
import { visibleJob } from './visible-job.js';

/** `PATCH /export/jobs/{jobId}` with `{"type": "CANCEL"}` */
export const cancelJob: Handler = async (exchange, jobId) => {
  const body = (await bodyText(exchange)) ?? '';
  const seen = visibleJob(exchange, jobId);
  if ('refusal' in seen) return seen.refusal;
  if (!/^\s*\{\s*"type"\s*:\s*"CANCEL"\s*\}\s*$/.test(body)) {
    const message = 'The only change of a job is CANCEL.';
    return coded(exchange, { status: 400, code: 'bad_request', namespace: 'exports', message });
  }
  const { settings, jobs } = exchange.world;
  if (!jobs.cancel(jobId)) {
    const message = 'The job has finished already.';
    return coded(exchange, { status: 400, code: 'export_failed_to_cancel', namespace: 'exports', message });
  }
  return ok({ status: statusWord(settings, jobs.get(jobId) ?? seen.job), successful: true });
};
