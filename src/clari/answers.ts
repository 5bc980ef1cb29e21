import { z } from 'zod';
import { isObject } from './json.js';
import type { ClariForecast, ClariJob, ClariJobState, ClariLimits } from './port.js';

/*
 * What is used of Clari's answers, in both dialects, told apart by shape. Unknown keys are let pass; a known key with
 * another type is not, since a guess would decide about quota or completeness.
 */

/** An identifier that goes into paths, messages and the history. */
const id = z
  .union([z.string().regex(/^[\w.:-]{1,128}$/), z.number().int().nonnegative()])
  .transform((value) => String(value));

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

/** Epoch milliseconds, as a number, as text, or as an ISO date; 0 stands for "not yet". */
const instant = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value, context): number | undefined => {
    if (value === null || value === undefined || value === '') return undefined;
    const ms = typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : Date.parse(value);
    // Beyond the last one that has a date: microseconds, say.
    if (!Number.isFinite(ms) || ms < 0 || ms > 8.64e15) {
      context.addIssue({ code: 'custom', message: 'not an instant' });
      return z.NEVER;
    }
    return ms === 0 ? undefined : ms;
  });

const count = z
  .number()
  .int()
  .nullish()
  .transform((value) => value ?? undefined);

const ids = z
  .array(id)
  .nullish()
  .transform((value) => value ?? []);

const unwrapJob = (value: unknown): unknown => (isObject(value) && isObject(value['job']) ? value['job'] : value);

/** Flat or wrapped; with its id as `jobId` in the published dialect, as `id` in an older one. */
const asJob = (value: unknown): unknown => {
  const job = unwrapJob(value);
  return isObject(job) && job['jobId'] === undefined ? { ...job, jobId: job['id'] } : job;
};

export const jobAnswer = z.preprocess(
  asJob,
  z
    .looseObject({
      jobId: id,
      status: z.string().min(1),
      startTime: instant,
      endTime: instant,
      expiredTime: instant,
      fileName: text,
      fileType: text,
      module: text,
      currency: text,
      rowsTruncated: flag,
      cellsTruncated: flag,
    })
    .transform((job): ClariJob => ({
      jobId: job.jobId,
      state: jobState(job.status),
      status: job.status.slice(0, 40),
      startTime: job.startTime,
      endTime: job.endTime,
      expiredTime: job.expiredTime,
      fileName: job.fileName,
      fileType: job.fileType,
      module: job.module,
      currency: job.currency,
      rowsTruncated: job.rowsTruncated,
      cellsTruncated: job.cellsTruncated,
    })),
);

export const createdAnswer = z.preprocess(asJob, z.looseObject({ jobId: id })).transform(({ jobId }) => ({ jobId }));

/** Somebody's job of a kind that nobody has met yet: it must not hide the others, nor may it be left out, since it may be ours. */
const strangeJob = z.preprocess(
  asJob,
  z.looseObject({ jobId: id }).transform(({ jobId }): ClariJob => ({
    jobId,
    state: 'unknown',
    status: 'UNREADABLE',
    startTime: undefined,
    endTime: undefined,
    expiredTime: undefined,
    fileName: undefined,
    fileType: undefined,
    module: undefined,
    currency: undefined,
    rowsTruncated: false,
    cellsTruncated: false,
  })),
);

/** A bare list, or one under `jobs` or `job`. */
export const jobsAnswer = z.preprocess(
  (value) => (isObject(value) ? (value['jobs'] ?? value['job']) : value),
  z.array(z.union([jobAnswer, strangeJob])),
);

/** Only the address in a job's answer, in the dialect that gives one. */
export const linkAnswer = z.preprocess(
  unwrapJob,
  z
    .looseObject({ downloadUrl: z.string().nullish(), download_url: z.string().nullish() })
    .transform(
      ({ downloadUrl, download_url: other }): string | undefined =>
        [downloadUrl, other].find((url) => !!url) ?? undefined,
    ),
);

export const limitsAnswer = z
  .looseObject({
    jobs: z.looseObject({
      concurrentLimit: count,
      monthlyQuota: count,
      availableConcurrentLimit: count,
      availableMonthlyQuota: count,
      runningJobIds: ids,
      submittedJobIds: ids,
    }),
  })
  .transform(({ jobs }): ClariLimits => ({
    concurrentLimit: jobs.concurrentLimit,
    monthlyQuota: jobs.monthlyQuota,
    availableConcurrent: jobs.availableConcurrentLimit,
    availableMonthly: jobs.availableMonthlyQuota,
    runningJobIds: jobs.runningJobIds,
    submittedJobIds: jobs.submittedJobIds,
  }));

const period = z
  .union([z.string(), z.looseObject({ timePeriodId: z.string() })])
  .transform((value) => (typeof value === 'string' ? value : value.timePeriodId));

export const forecastsAnswer = z.preprocess(
  (value) => (isObject(value) ? value['forecasts'] : value),
  z.array(
    z
      .looseObject({
        forecastId: z.string().min(1).max(200),
        forecastName: text,
        timePeriods: z.array(period).nullish(),
      })
      .transform(({ forecastId, forecastName, timePeriods }): ClariForecast => ({
        forecastId,
        forecastName,
        timePeriods: timePeriods ?? [],
      })),
  ),
);

export const cancelAnswer = z.looseObject({ successful: z.boolean().nullish() });

const synonyms: ReadonlyMap<string, ClariJobState> = new Map(
  Object.entries({
    pending: ['SCHEDULED', 'PENDING', 'QUEUED'],
    running: ['STARTED', 'RUNNING', 'PROCESSING'],
    done: ['DONE', 'COMPLETED', 'COMPLETE', 'SUCCEEDED'],
    failed: ['FAILED'],
    cancelled: ['CANCELLED', 'CANCELED'],
    aborted: ['ABORTED'],
  } satisfies Partial<Record<ClariJobState, string[]>>).flatMap(([state, words]) =>
    words.map((word) => [word, state as ClariJobState] as const),
  ),
);

/** Both dialects' words for a job's state. */
export function jobState(status: string): ClariJobState {
  return synonyms.get(status.trim().toUpperCase()) ?? 'unknown';
}

/** Where an answer departs from its schema: at most five places, keys and positions only. */
export function faultyPlaces(error: z.ZodError): string {
  const places = error.issues.map(({ path }) => {
    const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
    return place.replace(/^\./, '') || 'the whole';
  });
  return [...new Set(places)].slice(0, 5).join(', ');
}
