import type { FakeJob, JobState } from './jobs.js';
import type { Dialect } from './options.js';
import type { World } from './world.js';

const PUBLISHED_WORDS: Readonly<Record<JobState, string>> = {
  scheduled: 'SCHEDULED',
  started: 'STARTED',
  done: 'DONE',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  aborted: 'ABORTED',
};

/** The brief dialect has three words. */
const BRIEF_WORDS: Readonly<Record<JobState, string>> = {
  scheduled: 'PENDING',
  started: 'PENDING',
  done: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'FAILED',
  aborted: 'FAILED',
};

export const statusWord = (dialect: Dialect, job: FakeJob): string =>
  job.statusWord ?? (dialect === 'brief' ? BRIEF_WORDS : PUBLISHED_WORDS)[job.state];

/** A job as the API describes it. There is no field for the forecast or the period: only the file's name tells them. */
export function jobAnswer({ settings, files }: World, job: FakeJob): Readonly<Record<string, unknown>> {
  return {
    jobId: job.jobId,
    userId: job.userId,
    orgId: settings.orgId,
    title: files.forecast(job.request.forecastId)?.forecastName ?? job.request.forecastId,
    module: 'FORECAST',
    startTime: job.startTime,
    ...(job.endTime === undefined ? {} : { endTime: job.endTime }),
    ...(job.expiredTime === undefined ? {} : { expiredTime: job.expiredTime }),
    version: 1,
    fileName: fileName(job, settings.orgId),
    fileType: 'JSON',
    status: statusWord(settings.dialect, job),
    viewed: false,
    cellsTruncated: job.cellsTruncated,
    rowsTruncated: job.rowsTruncated,
    downloads: job.downloads,
    deliveryStatusMap: {},
    ...(job.request.currency === null ? {} : { currency: job.request.currency }),
  };
}

/** `clari_export_{forecastId}_{timePeriod}{digits}_{YYYYMMDD}_{HHMMSS}.json`, stamped with the start in UTC. */
function fileName({ request, startTime }: FakeJob, digits: number): string {
  const [day = '', time = ''] = new Date(startTime).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `clari_export_${request.forecastId}_${request.timePeriod}${digits}_${day}_${time}.json`;
}
