import { noRoute, ok } from '../answers.js';
import type { Handler } from '../exchange.js';

/** `GET /admin/limits` */
export const limits: Handler = ({ world: { settings, jobs } }) => {
  if (settings.dialect === 'brief' && !settings.limitsInBriefDialect) return noRoute();
  const unfinished = jobs.unfinished();
  const running = unfinished.filter((job) => job.state === 'started').map((job) => job.jobId);
  const submitted = jobs.submitted().map((job) => job.jobId);
  return ok({
    jobs: {
      concurrentLimit: settings.concurrentLimit,
      monthlyQuota: settings.monthlyQuota,
      // Left out, not empty, when nothing runs.
      ...(running.length === 0 ? {} : { runningJobIds: running }),
      submittedJobIds: submitted,
      availableConcurrentLimit: Math.max(0, settings.concurrentLimit - unfinished.length),
      availableMonthlyQuota: Math.max(0, settings.monthlyQuota - submitted.length),
    },
  });
};
