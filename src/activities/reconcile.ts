import type { ClariApi, ClariJob } from '../clari/port.js';
import type { PostIntent } from '../model/account.js';
import { ExportError } from '../model/export-error.js';
import type { ExportForecastRequest } from '../model/request.js';

/** How far Clari's clock may be from ours. */
const SKEW_MS = 10 * 60_000;
const BLIND_FACTOR = 3;
const RECENT_MS = 30 * 60_000;
const MAX_REMEMBERED = 100;

/** How patiently the job of a lost answer is looked for, in milliseconds. */
export interface ReconcilingTimes {
  /** No job within this time of the POST: longer than a POST takes to time out, with room for a list that lags. */
  readonly quiet: number;
  /** Jobs count against the quota and none of them is listed: lag, or somebody else's. After this, a person decides. */
  readonly giveUp: number;
  readonly lookAgain: number;
}

export const reconcilingTimes: ReconcilingTimes = { quiet: 90_000, giveUp: 10 * 60_000, lookAgain: 10_000 };

/** What is known at Clari just before a POST, so that the job that it makes can be told from those that were there. */
export async function intentNow(
  clari: ClariApi,
  request: ExportForecastRequest,
  submitted: number | null,
  signal: AbortSignal,
): Promise<PostIntent> {
  const jobs = (await jobsIfListed(clari, signal)) ?? [];
  const now = Date.now();
  // A job that does not say yet what it is may turn out to look like ours.
  const known = jobs
    .filter(
      (job) => couldBe(job, request) || !job.fileName || job.startTime === undefined || job.startTime > now - RECENT_MS,
    )
    .sort((a, b) => (b.startTime ?? 0) - (a.startTime ?? 0))
    .slice(0, MAX_REMEMBERED);
  return { postedAt: now, knownJobIds: known.map(({ jobId }) => jobId), submitted };
}

/**
 * Finds the job that a POST of unknown outcome has made.
 *
 * @returns its id; undefined when it is as certain as can be that none was made, so that one may be asked for again
 * @throws ExportError `CreateOutcomePending` to look again later, `CreateOutcomeUnknown` when a person has to decide
 */
export async function reconcile(
  clari: ClariApi,
  request: ExportForecastRequest,
  { intent, takenJobIds }: { readonly intent: PostIntent; readonly takenJobIds: readonly string[] },
  signal: AbortSignal,
  times: ReconcilingTimes = reconcilingTimes,
): Promise<string | undefined> {
  const jobs = await jobsIfListed(clari, signal);
  const ruledOut = new Set([...intent.knownJobIds, ...takenJobIds]);
  const candidates = (jobs ?? []).filter(
    (job) =>
      couldBe(job, request) &&
      !ruledOut.has(job.jobId) &&
      (job.startTime === undefined || Math.abs(job.startTime - intent.postedAt) <= SKEW_MS),
  );
  const [only, ...others] = candidates;
  if (only && others.length === 0) return only.jobId;
  if (only) {
    const ids = candidates.slice(0, 5).map(({ jobId }) => jobId);
    throw new ExportError(
      'CreateOutcomeUnknown',
      `${candidates.length} jobs could be this export’s: ${ids.join(', ')}.`,
    );
  }
  const waited = Date.now() - intent.postedAt;
  const pending = new ExportError(
    'CreateOutcomePending',
    'The answer to the request for a job was lost, and no job is listed yet.',
    {
      retryAfterMs: times.lookAgain,
    },
  );
  if (waited < times.quiet) throw pending;
  const submitted = (await clari.limits(signal))?.submittedJobIds.length ?? null;
  const grown = submitted !== null && intent.submitted !== null && submitted > intent.submitted;
  if (!jobs) {
    throw new ExportError(
      'CreateOutcomeUnknown',
      'The answer to the request for a job was lost, and this tenant lists no jobs.',
    );
  }
  // Where the quota can't be read, the list's word alone has to do: it is given more time.
  if (submitted === null && waited < BLIND_FACTOR * times.quiet) throw pending;
  if (!grown) return undefined;
  if (waited < times.giveUp) throw pending;
  throw new ExportError(
    'CreateOutcomeUnknown',
    'Jobs were added to the quota since, but none is listed that could be this export’s.',
  );
}

/** Whether nothing that Clari tells of a job speaks against its being of this request; it tells little. */
export function couldBe(job: ClariJob, request: ExportForecastRequest): boolean {
  const { fileName } = job;
  if (job.module !== undefined && !/forecast/i.test(job.module)) return false;
  if (request.currency !== null && job.currency !== undefined && job.currency !== request.currency) return false;
  if (!fileName) return true;
  return (
    fileName.includes(request.forecastId) && (request.timePeriod === null || fileName.includes(request.timePeriod))
  );
}

/** Jobs of the token's user; undefined where the tenant has no such list. */
export async function jobsIfListed(clari: ClariApi, signal: AbortSignal): Promise<readonly ClariJob[] | undefined> {
  try {
    return await clari.jobs(signal);
  } catch (error) {
    if (error instanceof ExportError && error.type === 'EndpointNotFound') return undefined;
    throw error;
  }
}
