import { describe, expect, test } from 'vitest';
import { intentNow, reconcile, type Adopted, type Search } from '../../src/activities/reconcile.js';
import { rememberSubmitted } from '../../src/activities/submitted-jobs.js';
import { ClariError } from '../../src/clari/clari-error.js';
import type { ClariApi, ClariJob } from '../../src/clari/port.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import { failing } from '../support/failing.js';

const { signal } = new AbortController();
/** Clari's clock in these tests, an hour from ours. */
const NOW = Date.now() + 3_600_000;
const MINUTE = 60_000;
const request: ExportForecastRequest = {
  connection: 'default',
  forecastId: 'net_arr',
  timePeriod: '2027_Q2',
  typesToExport: null,
  scopeId: null,
  currency: 'EUR',
  includeHistorical: true,
  fresh: false,
  jobId: null,
  splitIfTruncated: false,
  allowIncomplete: false,
  acceptChange: false,
};

const fileOf = (forecastId: string, period: string): string =>
  `clari_export_${forecastId}_${period}733_20270503_060000.json`;

const job = (jobId: string, more: Partial<ClariJob> = {}): ClariJob => ({
  jobId,
  state: 'running',
  status: 'STARTED',
  startTime: NOW,
  endTime: undefined,
  expiredTime: undefined,
  fileName: fileOf('net_arr', '2027_Q2'),
  fileType: 'JSON',
  module: 'FORECAST',
  currency: 'EUR',
  rowsTruncated: false,
  cellsTruncated: false,
  ...more,
});

interface Seen {
  readonly listed?: readonly ClariJob[] | 'no list';
  /** Ids that count against the quota now; undefined: Clari does not tell. */
  readonly submitted?: readonly string[] | undefined;
  /** Jobs that the list does not name, by id; what is in none of the two is somebody else's. */
  readonly unlisted?: Readonly<Record<string, ClariJob | 'not found'>>;
}

const never = (): never => {
  throw new Error('reconciling asks for nothing else');
};

/** Clari as far as reconciling asks it. */
function clari({ listed = [], submitted, unlisted = {} }: Seen): ClariApi {
  return {
    now: () => NOW,
    jobs: () =>
      listed === 'no list'
        ? Promise.reject(new ClariError('EndpointNotFound', 'No list.', { status: 404 }))
        : Promise.resolve(listed),
    limits: () =>
      Promise.resolve(
        submitted && {
          concurrentLimit: 3,
          monthlyQuota: 1000,
          availableConcurrent: 3,
          availableMonthly: 900,
          runningJobIds: [],
          submittedJobIds: submitted,
        },
      ),
    job: (jobId) => {
      const found = unlisted[jobId];
      if (found === 'not found') return Promise.reject(new ClariError('RequestRefused', 'No job.', { status: 400 }));
      return found
        ? Promise.resolve(found)
        : Promise.reject(new ClariError('AccessDenied', 'Not yours.', { status: 403 }));
    },
    forecasts: never,
    createForecastExport: never,
    cancel: never,
    resultLink: never,
  };
}

const BEFORE = ['a', 'b'];

/** What comes of the search so long after the POST. */
function search(waited: number, seen: Seen, more: Partial<Search> = {}): Promise<Adopted | undefined> {
  return reconcile({
    clari: clari(seen),
    request,
    intent: {
      knownJobIds: ['known'],
      knownSince: NOW - 30 * MINUTE,
      submitted: rememberSubmitted(BEFORE),
      askedAt: NOW,
    },
    waitedMs: waited,
    takenJobIds: ['of-another-export'],
    signal,
    contentOf: never,
    ...more,
  });
}

const adopted = (jobId: string, ...excess: string[]): Adopted => ({ jobId, excess });

describe('the job of a lost answer', () => {
  test('is the only one that nothing speaks against', async () => {
    const listed = [
      job('known'),
      job('other-forecast', { fileName: fileOf('renewals', '2027_Q2') }),
      job('longer-name', { fileName: fileOf('net_arr_emea', '2027_Q2') }),
      job('other-period', { fileName: fileOf('net_arr', '2027_Q1') }),
      job('other-module', { module: 'AUDIT' }),
      job('other-currency', { currency: 'USD' }),
      job('other-format', { fileType: 'CSV' }),
      job('older', { startTime: NOW - 60 * MINUTE }),
      job('of-another-export'),
      job('ours'),
    ];
    expect(await search(1000, { listed })).toEqual(adopted('ours'));
  });

  test('is none that the quota counted before, though the list lagged behind then', async () => {
    expect(await search(1000, { listed: [job('a'), job('ours')] })).toEqual(adopted('ours'));
    expect((await failing(search(1000, { listed: [job('a')] }))).type).toBe('CreateOutcomePending');
  });

  test('is found however long Clari let it wait before it began', async () => {
    expect(await search(1000, { listed: [job('late', { startTime: NOW + 60 * MINUTE })] })).toEqual(adopted('late'));
  });

  test('may be one of which Clari tells next to nothing, once it has ended so: before, it may be of any forecast', async () => {
    const unsaid = { fileName: undefined, module: undefined, startTime: undefined, currency: undefined };
    const bare = job('bare', unsaid);
    const seenAs = (now: Partial<ClariJob>): Seen => ({ listed: [bare], unlisted: { bare: { ...bare, ...now } } });
    expect(await search(1000, seenAs({ state: 'done' }))).toEqual(adopted('bare'));
    expect((await failing(search(599_000, seenAs({})))).type).toBe('CreateOutcomePending');
    expect(await failing(search(601_000, seenAs({})))).toMatchObject({
      type: 'CreateOutcomeUnknown',
      message: expect.stringContaining('bare') as unknown,
    });
    const renewals = { state: 'done', fileName: fileOf('renewals', '2027_Q2') } as const;
    expect((await failing(search(1000, seenAs(renewals)))).type).toBe('CreateOutcomePending');
  });

  test('is looked for again for a minute and a half before none counts as none', async () => {
    const early = await failing(search(89_000, { submitted: BEFORE }));
    expect([early.type, early.retryAfterMs]).toEqual(['CreateOutcomePending', 10_000]);
    expect(await search(91_000, { submitted: BEFORE })).toBeUndefined();
  });

  test('is given more time where the quota can not be read', async () => {
    expect((await failing(search(200_000, {}))).type).toBe('CreateOutcomePending');
    expect(await search(271_000, {})).toBeUndefined();
  });

  test('is nobody’s to guess where only a digest is left of what was known before', async () => {
    const intent = {
      knownJobIds: [],
      knownSince: null,
      submitted: rememberSubmitted(BEFORE),
      askedAt: NOW,
      digestOnly: true,
    };
    const listed = [job('ours'), job('known')];
    const early = await failing(search(89_000, { listed, submitted: BEFORE }, { intent }));
    expect(early.type).toBe('CreateOutcomePending');
    expect(await search(91_000, { listed, submitted: BEFORE }, { intent })).toBeUndefined();
    for (const submitted of [[...BEFORE, 'ours'], undefined]) {
      const late = await failing(search(91_000, { listed, submitted }, { intent }));
      expect(late.type).toBe('CreateOutcomeUnknown');
    }
  });

  test('is found by the quota’s ids where the list lags behind', async () => {
    const seen = { submitted: ['b', 'ours', 'foreign'], unlisted: { ours: job('ours') } };
    expect(await search(91_000, seen)).toEqual(adopted('ours'));
  });

  test('was not made where all that the quota counts since is somebody else’s, though the count is the same', async () => {
    expect(await search(91_000, { submitted: ['b', 'foreign'] })).toBeUndefined();
  });

  test('is left to a person where the quota counts a job of which nothing can be told', async () => {
    const seen: Seen = { submitted: [...BEFORE, 'dark'], unlisted: { dark: 'not found' } };
    expect((await failing(search(9 * MINUTE, seen))).type).toBe('CreateOutcomePending');
    const unknown = await failing(search(11 * MINUTE, seen));
    expect([unknown.type, unknown.message]).toEqual(['CreateOutcomeUnknown', expect.stringContaining('dark')]);
  });

  test('is left to a person where Clari made one for another period at that time', async () => {
    const listed = [job('strayed', { fileName: fileOf('net_arr', '2027_Q1') })];
    expect((await failing(search(1000, { listed }))).type).toBe('CreateOutcomePending');
    const unknown = await failing(search(91_000, { listed }));
    expect([unknown.type, unknown.message]).toEqual(['CreateOutcomeUnknown', expect.stringContaining('strayed')]);
  });

  test('is left to a person where the tenant lists no jobs', async () => {
    expect((await failing(search(1000, { listed: 'no list' }))).type).toBe('CreateOutcomePending');
    expect((await failing(search(91_000, { listed: 'no list' }))).type).toBe('CreateOutcomeUnknown');
  });
});

describe('two jobs that could be the one', () => {
  const done = { state: 'done', status: 'DONE' } as const;
  const listed = [job('second', { ...done, startTime: NOW + 1 }), job('first', done)];
  const contents =
    (of: Record<string, string>) =>
    (jobId: string): Promise<string> =>
      Promise.resolve(of[jobId] ?? '');

  test('are one export where their files are equal: the earlier one is taken, the other one is named', async () => {
    const contentOf = contents({ first: 'same', second: 'same' });
    expect(await search(1000, { listed }, { contentOf })).toEqual(adopted('first', 'second'));
  });

  test('are both named, and none is taken, where their files differ', async () => {
    const unknown = await failing(search(1000, { listed }, { contentOf: contents({ first: 'one', second: 'two' }) }));
    expect(unknown.type).toBe('CreateOutcomeUnknown');
    for (const jobId of ['first', 'second']) expect(unknown.message).toContain(jobId);
  });

  test('are asked for their files again where one gives out none, for as long as a person can be expected to wait', async () => {
    const startTime = NOW - 9 * MINUTE;
    const both = listed.map((one) => ({ ...one, startTime }));
    // Of a look that says another state, by mistake, no link comes; and a tenant with links has no other way.
    const contentOf = (): Promise<string> => Promise.reject(new ClariError('EndpointNotFound', 'No such route.'));
    expect((await failing(search(9 * MINUTE, { listed: both }, { contentOf }))).type).toBe('CreateOutcomePending');
    expect((await failing(search(11 * MINUTE, { listed: both }, { contentOf }))).type).toBe('CreateOutcomeUnknown');
  });

  test('are waited for until both have a file, or for as long as a person can be expected to wait', async () => {
    const startTime = NOW - 9 * MINUTE;
    const unfinished = [job('first', { ...done, startTime }), job('second', { startTime })];
    expect((await failing(search(9 * MINUTE, { listed: unfinished }))).type).toBe('CreateOutcomePending');
    expect((await failing(search(11 * MINUTE, { listed: unfinished }))).type).toBe('CreateOutcomeUnknown');
  });

  test('are none of them taken where one has failed', async () => {
    const failed = [job('first', done), job('second', { state: 'failed', status: 'FAILED' })];
    expect((await failing(search(1000, { listed: failed }))).type).toBe('CreateOutcomeUnknown');
  });
});

describe('what is remembered before a request for a job', () => {
  test('is the newest hundred of the jobs that could be taken for ours, or could turn out to be', async () => {
    const jobs = Array.from({ length: 110 }, (_, index) => job(`job-${index}`, { startTime: index }));
    const fileName = fileOf('renewals', '2027_Q2');
    const others = [
      job('foreign and old', { fileName, startTime: 1000 }),
      job('foreign and recent', { fileName, startTime: NOW - MINUTE }),
      job('without a name yet', { fileName: '', startTime: NOW - MINUTE }),
      job('without a start yet', { fileName, startTime: undefined }),
    ];
    const intent = await intentNow(clari({ listed: [...jobs, ...others] }), request, BEFORE, signal);
    // What began before the oldest of them, and is not among them, was there too.
    expect(intent.knownSince).toBe(13);
    expect(intent.knownJobIds).toHaveLength(100);
    for (const known of ['foreign and recent', 'without a name yet', 'without a start yet', 'job-109'])
      expect(intent.knownJobIds).toContain(known);
    expect(intent.knownJobIds).not.toContain('foreign and old');
    expect(intent.submitted).toEqual(rememberSubmitted(BEFORE));
    expect((await intentNow(clari({}), request, undefined, signal)).submitted).toBeNull();
  });
});
