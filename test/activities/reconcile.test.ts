import { describe, expect, test } from 'vitest';
import { intentNow, reconcile } from '../../src/activities/reconcile.js';
import type { ClariApi, ClariJob, ClariLimits } from '../../src/clari/port.js';
import type { ExportForecastRequest } from '../../src/model/request.js';
import { failing } from '../support/failing.js';

const { signal } = new AbortController();
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
  allowIncomplete: false,
};

const job = (jobId: string, more: Partial<ClariJob> = {}): ClariJob => ({
  jobId,
  state: 'running',
  status: 'STARTED',
  startTime: Date.now(),
  endTime: undefined,
  expiredTime: undefined,
  fileName: 'clari_export_net_arr_2027_Q2733_20270503_060000.json',
  fileType: 'JSON',
  module: 'FORECAST',
  currency: 'EUR',
  rowsTruncated: false,
  cellsTruncated: false,
  ...more,
});

/** Clari as far as reconciling asks it: its lists of jobs, one after the other, and how many count against the quota. */
function clari(jobs: readonly ClariJob[], submitted: number | undefined): ClariApi {
  const limits: ClariLimits = {
    concurrentLimit: 3,
    monthlyQuota: 1000,
    availableConcurrent: 3,
    availableMonthly: 900,
    runningJobIds: [],
    submittedJobIds: Array.from({ length: submitted ?? 0 }, (_, index) => `job-${index}`),
  };
  const never = (): never => {
    throw new Error('reconciling asks for nothing else');
  };
  return {
    jobs: () => Promise.resolve(jobs),
    limits: () => Promise.resolve(submitted === undefined ? undefined : limits),
    forecasts: never,
    createForecastExport: never,
    job: never,
    cancel: never,
    resultLink: never,
  };
}

const ago = (ms: number, submitted: number | null = 1) => ({
  intent: { postedAt: Date.now() - ms, knownJobIds: ['known'], submitted },
  takenJobIds: ['of-another-export'],
});

describe('the job of a lost answer', () => {
  test('is the only one that nothing speaks against', async () => {
    const others = [
      job('known'),
      job('other-forecast', { fileName: 'clari_export_renewals_2027_Q2733.json' }),
      job('other-period', { fileName: 'clari_export_net_arr_2027_Q1733.json' }),
      job('other-module', { module: 'AUDIT' }),
      job('other-currency', { currency: 'USD' }),
      job('older', { startTime: Date.now() - 60 * 60_000 }),
      job('later', { startTime: Date.now() + 60 * 60_000 }),
      job('of-another-export'),
    ];
    expect(await reconcile(clari([...others, job('ours')], 2), request, ago(1000), signal)).toBe('ours');
  });

  test('may be one of which Clari tells next to nothing', async () => {
    const bare = job('bare', { fileName: undefined, module: undefined, startTime: undefined, currency: undefined });
    expect(await reconcile(clari([bare], 2), request, ago(1000), signal)).toBe('bare');
  });

  test('is looked for again for a minute and a half before none counts as none', async () => {
    const early = await failing(reconcile(clari([], 1), request, ago(89_000), signal));
    expect([early.type, early.retryAfterMs]).toEqual(['CreateOutcomePending', 10_000]);
    expect(await reconcile(clari([], 1), request, ago(91_000), signal)).toBeUndefined();
    // Where the quota can't be read, the list is given more time.
    const blind = await failing(reconcile(clari([], undefined), request, ago(200_000), signal));
    expect(blind.type).toBe('CreateOutcomePending');
    expect(await reconcile(clari([], undefined), request, ago(271_000), signal)).toBeUndefined();
  });

  test('is looked for longer where the quota shows a new job, and then left to a person', async () => {
    const pending = await failing(reconcile(clari([], 2), request, ago(9 * 60_000), signal));
    expect(pending.type).toBe('CreateOutcomePending');
    const unknown = await failing(reconcile(clari([], 2), request, ago(11 * 60_000), signal));
    expect(unknown.type).toBe('CreateOutcomeUnknown');
  });
});

describe('what is remembered before a request for a job', () => {
  test('is the newest hundred of the jobs that could be taken for ours, or could turn out to be', async () => {
    const jobs = Array.from({ length: 110 }, (_, index) => job(`job-${index}`, { startTime: index }));
    const fileName = 'clari_export_renewals_2027_Q2733.json';
    const others = [
      job('foreign and old', { fileName, startTime: 1000 }),
      job('foreign and recent', { fileName, startTime: Date.now() - 60_000 }),
      job('without a name yet', { fileName: '', startTime: Date.now() - 60_000 }),
    ];
    const intent = await intentNow(clari([...jobs, ...others], 1), request, 7, signal);
    expect(intent.knownJobIds).toHaveLength(100);
    expect(intent.knownJobIds).toEqual(expect.arrayContaining(['foreign and recent', 'without a name yet', 'job-109']));
    expect(intent.knownJobIds).not.toContain('foreign and old');
    expect(intent.submitted).toBe(7);
  });
});
