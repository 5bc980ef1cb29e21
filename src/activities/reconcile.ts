import { isAboutResult } from './about-result.js';
import type { ClariApi, ClariJob, ClariLimits } from '../clari/port.js';
import type { PostIntent } from '../model/account.js';
import { ExportError } from '../model/export-error.js';
import type { ExportForecastRequest } from '../model/request.js';
import { resemblance } from './job-identity.js';
import { addedSince, rememberSubmitted } from './submitted-jobs.js';

const BLIND_FACTOR = 3;
const RECENT_MS = 30 * 60_000;
const MAX_REMEMBERED = 100;
/** Jobs that are looked at one by one, since the quota counts them and the list does not name them. */
const MAX_LOOKED_AT = 20;

/** How patiently the job of a lost answer is looked for, in milliseconds. */
export interface ReconcilingTimes {
  /** No job within this time of the POST: longer than a POST takes to time out, with room for a list that lags. */
  readonly quiet: number;
  /** Something hints at a job and nothing proves it: after this, a person decides. */
  readonly giveUp: number;
  readonly lookAgain: number;
}

export const reconcilingTimes: ReconcilingTimes = { quiet: 90_000, giveUp: 10 * 60_000, lookAgain: 10_000 };

export interface Adopted {
  readonly jobId: string;
  /** Jobs beside it that hold the very same file: the POST was delivered more than once. */
  readonly excess: readonly string[];
}

export interface Search {
  readonly clari: ClariApi;
  readonly request: ExportForecastRequest;
  readonly intent: PostIntent;
  /** Milliseconds since the intent, by a clock that no answer of Clari's can change. */
  readonly waitedMs: number;
  /** Jobs of other exports. */
  readonly takenJobIds: readonly string[];
  readonly signal: AbortSignal;
  readonly times?: ReconcilingTimes;
  /** SHA-256 of the file of a finished job. */
  readonly contentOf: (jobId: string) => Promise<string>;
}

/** One look, whose time does not matter. */
type Look = Pick<Search, 'clari' | 'request' | 'intent' | 'takenJobIds' | 'signal'>;

/** What is known at Clari just before a POST, so that the job that it makes can be told from those that were there. */
export async function intentNow(
  clari: ClariApi,
  request: ExportForecastRequest,
  submittedJobIds: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<PostIntent> {
  const jobs = (await jobsIfListed(clari, signal)) ?? [];
  const now = clari.now();
  // A job that does not say yet what it is may turn out to look like ours.
  const alike = jobs
    .filter(
      (job) =>
        resemblance(job, request) !== 'other' ||
        !job.fileName ||
        job.startTime === undefined ||
        job.startTime > now - RECENT_MS,
    )
    .sort((a, b) => (b.startTime ?? now) - (a.startTime ?? now));
  const known = alike.slice(0, MAX_REMEMBERED);
  return {
    knownSince: alike.length > known.length ? (known.at(-1)?.startTime ?? now) : null,
    knownJobIds: known.map(({ jobId }) => jobId),
    submitted: submittedJobIds ? rememberSubmitted(submittedJobIds) : null,
    askedAt: now,
  };
}

/**
 * Finds the job that a POST of unknown outcome has made.
 *
 * @returns it; undefined when it is as certain as can be that none was made, so that one may be asked for again
 * @throws ExportError `CreateOutcomePending` to look again later, `CreateOutcomeUnknown` when a person has to decide
 */
export async function reconcile(search: Search): Promise<Adopted | undefined> {
  const { clari, request, intent, waitedMs, takenJobIds, signal, times = reconcilingTimes } = search;
  if (intent.digestOnly) return reconcileByDigest(search);
  const listed = await jobsIfListed(clari, signal);
  const fresh = newOf(listed ?? [], search);
  const candidates = fresh.filter((job) => resemblance(job, request) === 'same');
  const wait = (what: string, limit: number): ExportError | undefined =>
    waitedMs < limit ? pending(what, times) : undefined;
  if (candidates.length > 0) return settle(search, candidates, (what) => wait(what, times.giveUp));

  const early = wait('and no job is listed yet', times.quiet);
  if (early) throw early;
  if (!listed) throw unknown('and this tenant lists no jobs.');
  const strayed = fresh.filter((job) => resemblance(job, request) === 'other-period');
  if (strayed.length > 0) {
    throw unknown(`and Clari made a job of this forecast for another period at that time: ${named(strayed)}.`);
  }
  const submitted = (await clari.limits(signal))?.submittedJobIds;
  const added = submitted && intent.submitted ? addedSince(intent.submitted, submitted) : undefined;
  if (added === undefined) {
    // Where the quota tells nothing, the list's word alone has to do: it is given more time.
    const blind = wait('and no job is listed yet', BLIND_FACTOR * times.quiet);
    if (blind) throw blind;
    return undefined;
  }
  const ruledOut = new Set([...intent.knownJobIds, ...takenJobIds, ...listed.map(({ jobId }) => jobId)]);
  const unlisted = added.filter((jobId) => !ruledOut.has(jobId));
  const { ours, unclear } = await lookedAt(search, unlisted);
  if (ours.length > 0) return settle(search, ours, (what) => wait(what, times.giveUp));
  if (unclear.length === 0) return undefined;
  throw (
    wait('and jobs were added to the quota that nobody can tell of yet', times.giveUp) ??
    unknown(`and jobs were added to the quota since of which nothing can be told: ${unclear.slice(0, 5).join(', ')}.`)
  );
}

/** Without what was known before the POST, no job is taken for its own. */
async function reconcileByDigest({
  clari,
  intent,
  waitedMs,
  signal,
  times = reconcilingTimes,
}: Search): Promise<undefined> {
  if (waitedMs < times.quiet) throw pending('and whether a job was made shows later', times);
  const submitted = (await clari.limits(signal))?.submittedJobIds;
  const added = submitted && intent.submitted ? addedSince(intent.submitted, submitted) : undefined;
  if (added?.length === 0) return undefined;
  throw unknown('and too many other answers were lost since to tell which jobs were made then.');
}

/**
 * Those of the listed jobs that were not there at the time of the intent: all that were are known by their ids, or began before
 * those, or the quota counted them while the list still lagged. When a job begins says nothing: it may have waited for its turn at
 * Clari.
 */
function newOf(listed: readonly ClariJob[], { intent, takenJobIds }: Look): readonly ClariJob[] {
  const { knownJobIds, knownSince, submitted } = intent;
  const ids = listed.map(({ jobId }) => jobId);
  const uncounted = new Set((submitted && addedSince(submitted, ids)) ?? ids);
  const ruledOut = new Set([...knownJobIds, ...takenJobIds]);
  return listed.filter(
    ({ jobId, startTime }) =>
      uncounted.has(jobId) &&
      !ruledOut.has(jobId) &&
      (startTime === undefined || knownSince === null || startTime >= knownSince),
  );
}

/** One candidate is the job. Of several none is guessed: they are one export if they hold one and the same file. */
async function settle(
  search: Search,
  candidates: readonly ClariJob[],
  wait: (what: string) => ExportError | undefined,
): Promise<Adopted> {
  const [only, ...others] = [...candidates].sort(
    (a, b) => (a.startTime ?? Infinity) - (b.startTime ?? Infinity) || a.jobId.localeCompare(b.jobId),
  );
  if (only && others.length === 0) {
    if (await isNamed(only, search)) return { jobId: only.jobId, excess: [] };
    throw (
      wait(`and job ${only.jobId}, which could be its own, does not say yet of which forecast it is`) ??
      unknown(`and job ${only.jobId} does not say of which forecast it is.`)
    );
  }
  const undone = candidates.filter((job) => !isOver(job));
  const early = undone.length > 0 ? wait(`and ${candidates.length} jobs could be its own`) : undefined;
  if (early) throw early;
  if (only && candidates.every(({ state }) => state === 'done')) {
    const contents = await contentsOf(search, candidates);
    if (contents.size === 1) return { jobId: only.jobId, excess: others.map(({ jobId }) => jobId) };
    const unread =
      contents.size === 0 ? wait(`and the files of ${candidates.length} jobs can not be compared`) : undefined;
    if (unread) throw unread;
  }
  throw new ExportError(
    'CreateOutcomeUnknown',
    `${candidates.length} jobs could be this export’s: ${named(candidates)}.`,
  );
}

/** Distinct files of these jobs; none where one gives out no file, though it is done. */
async function contentsOf({ contentOf }: Search, jobs: readonly ClariJob[]): Promise<ReadonlySet<string>> {
  const contents = new Set<string>();
  try {
    for (const { jobId } of jobs) contents.add(await contentOf(jobId));
    return contents;
  } catch (error) {
    if (!isAboutResult(error)) throw error;
    return new Set();
  }
}

/**
 * Whether it is certain that a job resembles what was asked for. One without a file's name, which alone tells the forecast, may be
 * anybody's as long as it has not ended; where it has, this tenant names no files.
 */
async function isNamed(listed: ClariJob, { clari, request, signal }: Search): Promise<boolean> {
  if (listed.fileName) return true;
  const job = await clari.job(listed.jobId, signal);
  return isOver(job) && resemblance(job, request) === 'same';
}

const isOver = ({ state }: ClariJob): boolean => state !== 'pending' && state !== 'running' && state !== 'unknown';

/** Jobs that the quota counts and the list does not name: the list lags, or they are somebody else's, which Clari then says. */
async function lookedAt(
  { clari, request, signal }: Look,
  jobIds: readonly string[],
): Promise<{ readonly ours: readonly ClariJob[]; readonly unclear: readonly string[] }> {
  const ours: ClariJob[] = [];
  const unclear = jobIds.slice(MAX_LOOKED_AT);
  for (const jobId of jobIds.slice(0, MAX_LOOKED_AT)) {
    try {
      const job = await clari.job(jobId, signal);
      if (resemblance(job, request) === 'same') ours.push(job);
    } catch (error) {
      signal.throwIfAborted();
      const foreign = error instanceof ExportError && error.type === 'AccessDenied';
      if (!foreign) unclear.push(jobId);
    }
  }
  return { ours, unclear };
}

/**
 * Jobs that were made together with ours and look like it: a POST that was answered may have been delivered twice on its way. What
 * can't be asked for now is passed over; the quota is not spent twice for it.
 */
export async function twinsOf(jobId: string, search: Look): Promise<readonly string[]> {
  const { clari, takenJobIds, signal } = search;
  try {
    const besides = { ...search, takenJobIds: [...takenJobIds, jobId] };
    return (await countedSince(besides, await clari.limits(signal))).map((job) => job.jobId);
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

/**
 * Whether a job that looks like ours was made since the intent, as far as Clari tells now. Of a POST that was delivered twice on its
 * way the answer may be a refusal, for lack of the very room that its first job has taken.
 */
export async function isMade(search: Look, limits: ClariLimits | undefined): Promise<boolean> {
  const { clari, request, signal } = search;
  const listed = (await jobsIfListed(clari, signal)) ?? [];
  if (newOf(listed, search).some((job) => resemblance(job, request) === 'same')) return true;
  return (await countedSince(search, limits)).length > 0;
}

/** Jobs that look like ours and that the quota did not count at the time of the intent. */
async function countedSince(search: Look, limits: ClariLimits | undefined): Promise<readonly ClariJob[]> {
  const { intent, takenJobIds } = search;
  const added = (limits && intent.submitted && addedSince(intent.submitted, limits.submittedJobIds)) ?? [];
  const others = added.filter((jobId) => !takenJobIds.includes(jobId));
  return (await lookedAt(search, others)).ours;
}

const named = (jobs: readonly ClariJob[]): string =>
  jobs
    .slice(0, 5)
    .map(({ jobId }) => jobId)
    .join(', ');

const pending = (what: string, { lookAgain }: ReconcilingTimes): ExportError =>
  new ExportError('CreateOutcomePending', `The answer to the request for a job was lost, ${what}.`, {
    retryAfterMs: lookAgain,
  });

const unknown = (what: string): ExportError =>
  new ExportError('CreateOutcomeUnknown', `The answer to the request for a job was lost, ${what}`);

/** Jobs of the token's user; undefined where the tenant has no such list. */
export async function jobsIfListed(clari: ClariApi, signal: AbortSignal): Promise<readonly ClariJob[] | undefined> {
  try {
    return await clari.jobs(signal);
  } catch (error) {
    if (error instanceof ExportError && error.type === 'EndpointNotFound') return undefined;
    throw error;
  }
}
