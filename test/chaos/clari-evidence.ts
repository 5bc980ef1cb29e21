import type { ExportForecastRequest } from '../../src/model/request.js';
import { exportTypes } from '../../src/model/request.js';
import type {
  ExpectedRecord,
  FakeClari,
  FakeJob,
  FaultKind,
  JournalEntry,
} from '../../src/testing/fake-clari/index.js';
import { amountsOf, type Amounts } from './amounts.js';

/** What Clari says of a job, and what its file holds. */
export interface JobEvidence {
  readonly jobId: string;
  /** What was asked for, as a text: `whatOf`. */
  readonly what: string;
  readonly state: FakeJob['state'];
  readonly truncated: boolean;
  /** Whether it may have come zipped, so that the bytes of its file are not those that were hashed. */
  readonly zipped: boolean;
  /** Answers with its file that were damaged in a way of which only the content tells. */
  readonly damaged: number;
}

export interface FileEvidence {
  readonly bytes: number;
  readonly sha256: string;
  /** Rows of each destination table that the file decides. */
  readonly rows: Readonly<Record<string, number>>;
  /** What tells the rows of a table apart, a text for each; null for a row that has nothing of the kind. */
  readonly keys: (table: string) => readonly (string | null)[];
  readonly amounts: () => Amounts;
}

/** A request for a job, and what became of it. */
type PostEvidence = Pick<JournalEntry, 'at' | 'path' | 'faults' | 'jobId' | 'duplicateJobId' | 'status' | 'end'>;

export interface ClariEvidence {
  readonly jobs: readonly JobEvidence[];
  /** For whoever looks for the cause of a violation. */
  readonly posts: readonly PostEvidence[];
  /** Pairs of jobs that one request made, since it was delivered twice. */
  readonly delivered: readonly (readonly [string, string])[];
  /** Requests that a fault struck. */
  readonly struck: number;
  /** When a POST arrived whose answer does not tell what became of it, epoch milliseconds. */
  readonly unansweredPosts: readonly number[];
  /** What the file of a job holds. */
  readonly fileOf: (jobId: string) => FileEvidence;
}

type What = Pick<
  ExportForecastRequest,
  'forecastId' | 'typesToExport' | 'scopeId' | 'currency' | 'includeHistorical'
> & {
  readonly timePeriod: string | null;
};

/** Equal for what makes equal files. */
export function whatOf({ forecastId, timePeriod, typesToExport, scopeId, currency, includeHistorical }: What): string {
  const types = [...(typesToExport ?? exportTypes)].sort().join('+');
  return [
    forecastId,
    timePeriod,
    types,
    scopeId ?? '',
    currency ?? '',
    includeHistorical ? 'all weeks' : 'this week',
  ].join(' ');
}

const damaging: readonly FaultKind[] = ['shorten', 'wrong-length', 'gzip', 'wrong-range'];

const lists = {
  forecast_entries: 'entries',
  forecast_users: 'users',
  forecast_fields: 'fields',
  forecast_time_periods: 'timePeriods',
  forecast_time_frames: 'timeFrames',
} as const;

const keys: Readonly<Record<keyof typeof lists, readonly string[]>> = {
  forecast_entries: ['timePeriodId', 'timeFrameId', 'userId', 'fieldId'],
  forecast_users: ['userId'],
  forecast_fields: ['fieldId'],
  forecast_time_periods: ['timePeriodId'],
  forecast_time_frames: ['timeFrameId'],
};

function keyOf(record: ExpectedRecord, fields: readonly string[]): string | null {
  const values = fields.map((field) => record[field] ?? null);
  return values.includes(null) ? null : JSON.stringify(values);
}

/** An owner's e-mail is in capitals now and then. */
const flatKeyOf = ({ timePeriod, ownerEmail, ownerName }: ExpectedRecord): string =>
  JSON.stringify([timePeriod, String(ownerEmail).toLowerCase(), ownerName]);

export function readClari(clari: FakeClari, zipsAll: boolean): ClariEvidence {
  const zipped = new Set(
    clari.journal.entries.flatMap(({ jobId, faults }) => (jobId && faults.includes('gzip') ? [jobId] : [])),
  );
  const files = new Map<string, FileEvidence>();
  const jobs = clari.jobs.all().map((job): JobEvidence => {
    if (job.kind !== 'forecast') throw new Error('Nobody asked for anything but forecasts.');
    const { jobId, state, rowsTruncated, cellsTruncated, request } = job;
    const truncated = rowsTruncated || cellsTruncated;
    const damaged = clari.journal.entries.filter(
      (entry) => entry.jobId === jobId && entry.faults.some((kind) => damaging.includes(kind)),
    ).length;
    return { jobId, what: whatOf(request), state, truncated, zipped: zipsAll || zipped.has(jobId), damaged };
  });
  const whatBy = new Map(jobs.map((job) => [job.jobId, job]));
  const posts = clari.journal.entries.filter(
    ({ endpoint, method }) => endpoint === 'createForecastExport' && method === 'POST',
  );
  return {
    jobs,
    posts: posts.map(({ at, path, faults, jobId, duplicateJobId, status, end }) => ({
      ...{ at, path, faults, jobId, duplicateJobId, status, end },
    })),
    delivered: posts.flatMap(({ jobId, duplicateJobId }) =>
      jobId && duplicateJobId ? [[jobId, duplicateJobId] as const] : [],
    ),
    struck: clari.faults.struck().length,
    unansweredPosts: posts.flatMap(({ at, faults, status = 0, end }) =>
      faults.length > 0 || status >= 500 || end !== 'whole' ? [at] : [],
    ),
    fileOf(jobId) {
      const job = whatBy.get(jobId);
      // The bytes of a file depend on nothing else, as long as it is whole.
      const key = job && !job.truncated ? job.what : jobId;
      const known = files.get(key);
      if (known) return known;
      const expected = clari.expected(jobId);
      const flat = expected.counts.users === 0;
      const rows = Object.entries(lists)
        .filter(([, list]) => !flat || list === 'entries')
        .map(([table, list]) => [table, expected.counts[list]]);
      let amounts: Amounts | undefined;
      const file = {
        amounts: () => (amounts ??= amountsOf(expected.records('entries', { exact: true }))),
        bytes: expected.bytes,
        sha256: expected.sha256(),
        rows: Object.fromEntries(rows) as FileEvidence['rows'],
        keys: (table: string) => {
          const name = table as keyof typeof lists;
          return Array.from(expected.records(lists[name]), (record) =>
            flat ? flatKeyOf(record) : keyOf(record, keys[name]),
          );
        },
      };
      files.set(key, file);
      return file;
    },
  };
}
