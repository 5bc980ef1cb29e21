import type { FakeJob, JobState } from './job.js';
import type { Settings } from './options.js';
import type { World } from './world.js';

type Words = Readonly<Record<JobState, string>>;

const PUBLISHED_WORDS: Words = {
  scheduled: 'SCHEDULED',
  started: 'STARTED',
  done: 'DONE',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  aborted: 'ABORTED',
};

/** Three words for six states. */
const threeWords = (pending: string, done: string, failed: string): Words => ({
  scheduled: pending,
  started: pending,
  done,
  failed,
  cancelled: failed,
  aborted: failed,
});

const BRIEF_WORDS = threeWords('PENDING', 'COMPLETED', 'FAILED');
const LOWER_CASE_WORDS = threeWords('pending', 'complete', 'failed');

function wordsOf({ dialect, variants }: Settings): Words {
  switch (variants.statusWords) {
    case 'lower-case':
      return LOWER_CASE_WORDS;
    case 'queue':
      return { ...PUBLISHED_WORDS, scheduled: 'QUEUED', started: 'RUNNING' };
    case 'dialect':
      return dialect === 'brief' ? BRIEF_WORDS : PUBLISHED_WORDS;
  }
}

export const statusWord = (settings: Settings, job: FakeJob): string => job.statusWord ?? wordsOf(settings)[job.state];

/** What the file names say of a job, and the answers in their own words. Clari publishes those of forecasts only. */
const MODULES: Readonly<Record<FakeJob['kind'], string>> = {
  forecast: 'FORECAST',
  activity: 'ACTIVITY',
  audit: 'AUDIT',
};

/** A job as the API describes it. There is no field for the forecast or the period: only the file's name tells them. */
export function jobAnswer({ settings, files }: World, job: FakeJob): Readonly<Record<string, unknown>> {
  const fileType = job.kind === 'forecast' ? (job.request.exportFormat ?? 'JSON') : 'JSON';
  const currency = job.kind === 'forecast' ? job.request.currency : null;
  return {
    [settings.variants.idName]: job.jobId,
    userId: job.userId,
    orgId: settings.orgId,
    title: files.title(job),
    module: MODULES[job.kind],
    startTime: job.startTime,
    ...(job.endTime === undefined ? {} : { endTime: job.endTime }),
    ...(job.expiredTime === undefined ? {} : { expiredTime: job.expiredTime }),
    version: 1,
    fileName: `${fileStem(job, settings.orgId)}.${fileType.toLowerCase()}`,
    fileType,
    status: statusWord(settings, job),
    viewed: false,
    cellsTruncated: job.cellsTruncated,
    rowsTruncated: job.rowsTruncated,
    downloads: job.downloads,
    deliveryStatusMap: {},
    ...(currency === null ? {} : { currency }),
  };
}

/** `clari_export_{forecastId}_{timePeriod}{digits}_{YYYYMMDD}_{HHMMSS}`, stamped with the start in UTC. */
function fileStem(job: FakeJob, digits: number): string {
  const [day = '', time = ''] = new Date(job.startTime).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  const subject = job.kind === 'forecast' ? `${job.request.forecastId}_${job.request.timePeriod}` : `${job.kind}_`;
  return `clari_export_${subject}${digits}_${day}_${time}`;
}
