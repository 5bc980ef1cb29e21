import { afterEach, describe, expect, it } from 'vitest';
import { exportTypes } from '../../src/model/request.js';
import { inspect } from 'node:util';
import { Closing, errorOf } from '../support/http-server.js';
import { fixedToken, JOB, reply, startClari, TOKEN } from './scripted-clari.js';

const closing = new Closing();
afterEach(() => closing.all());
const { signal } = new AbortController();

const request = {
  forecastId: 'emea bookings/ä',
  timePeriod: null,
  typesToExport: exportTypes,
  scopeId: null,
  currency: null,
  includeHistorical: true,
};

const done = {
  jobId: JOB,
  userId: 40112,
  orgId: 733,
  title: 'EMEA Bookings',
  module: 'FORECAST',
  startTime: 1792060200123,
  endTime: 1792060209480,
  expiredTime: 1794652209480,
  fileName: 'clari_export_emea_bookings_2027_Q2733_20261015_103000.json',
  fileType: 'JSON',
  status: 'DONE',
  rowsTruncated: true,
  currency: 'USD',
};
const doneJob = {
  jobId: JOB,
  state: 'done',
  status: 'DONE',
  startTime: 1792060200123,
  endTime: 1792060209480,
  expiredTime: 1794652209480,
  fileName: done.fileName,
  fileType: 'JSON',
  module: 'FORECAST',
  currency: 'USD',
  rowsTruncated: true,
  cellsTruncated: false,
};

describe('every call', () => {
  it('carries the token and the package’s name below the base URL’s prefix', async () => {
    const { api, seen } = await startClari(closing, [reply(200, [])]);
    await api.jobs(signal);
    expect(seen[0]).toMatchObject({
      call: 'GET /v4/export/jobs',
      headers: { apikey: TOKEN, 'user-agent': expect.stringMatching(/^clari-temporal\/\d+\.\d+\.\d+/) as string },
    });
  });

  it('reads the token anew', async () => {
    const { api, seen } = await startClari(closing, [reply(200, [])], { token: fixedToken('first', 'second') });
    await api.jobs(signal);
    await api.jobs(signal);
    expect(seen.map(({ headers }) => headers['apikey'])).toEqual(['first', 'second']);
  });
});

describe('making an export', () => {
  it('posts once, without Clari’s own retries, and leaves out what was not asked for', async () => {
    const { api, seen } = await startClari(closing, [reply(200, { jobId: JOB })]);
    await expect(api.createForecastExport(request, signal)).resolves.toEqual({ jobId: JOB });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      call: 'POST /v4/export/forecast/emea%20bookings%2F%C3%A4',
      headers: { 'content-type': 'application/json' },
    });
    expect(seen[0]?.body).toEqual({
      typesToExport: [...exportTypes],
      schedule: 'NONE',
      includeHistorical: true,
      exportFormat: 'JSON',
    });
  });

  it('sends what was asked for by Clari’s names', async () => {
    const { api, seen } = await startClari(closing, [reply(200, { jobId: JOB })]);
    await api.createForecastExport(
      {
        ...request,
        timePeriod: '2027_Q2',
        scopeId: '1905::MGR',
        currency: 'EUR',
        typesToExport: ['quota'],
        includeHistorical: false,
      },
      signal,
    );
    expect(seen[0]?.body).toEqual({
      timePeriod: '2027_Q2',
      typesToExport: ['quota'],
      scopeId: '1905::MGR',
      currency: 'EUR',
      schedule: 'NONE',
      includeHistorical: false,
      exportFormat: 'JSON',
    });
  });

  it.each([
    ['flat', 200, { jobId: JOB }],
    ['with a status, as accepted', 202, { jobId: JOB, status: 'PENDING' }],
    ['wrapped', 201, { job: { id: JOB, status: 'SCHEDULED' } }],
  ])('takes the job’s id %s', async (_, status, body) => {
    const { api } = await startClari(closing, [reply(status, body)]);
    await expect(api.createForecastExport(request, signal)).resolves.toEqual({ jobId: JOB });
  });

  it('refuses an id that would name another endpoint, before anything is sent', async () => {
    const { api, seen } = await startClari(closing, [reply(200, { jobId: JOB })]);
    for (const forecastId of ['', '.', '..']) {
      await expect(api.createForecastExport({ ...request, forecastId }, signal)).rejects.toThrow(
        /empty or consists of dots/,
      );
    }
    expect(seen).toEqual([]);
  });
});

describe('a job', () => {
  it.each([
    ['flat', done],
    ['wrapped', { job: done }],
    ['by another name of its id', { job: { ...done, jobId: undefined, id: JOB } }],
    ['with times as text', { ...done, startTime: '1792060200123', expiredTime: '2026-11-14T10:30:09.480Z' }],
  ])('is read %s', async (_, body) => {
    const { api } = await startClari(closing, [reply(200, body)]);
    await expect(api.job(JOB, signal)).resolves.toEqual(doneJob);
  });

  it.each([
    ['SCHEDULED', 'pending'],
    ['PENDING', 'pending'],
    ['queued', 'pending'],
    ['STARTED', 'running'],
    ['Running', 'running'],
    ['PROCESSING', 'running'],
    ['DONE', 'done'],
    ['COMPLETED', 'done'],
    ['complete', 'done'],
    ['SUCCEEDED', 'done'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'cancelled'],
    ['CANCELED', 'cancelled'],
    ['ABORTED', 'aborted'],
    ['HIBERNATING', 'unknown'],
  ])('in state %s is %s (fault 12)', async (status, state) => {
    const { api } = await startClari(closing, [reply(200, { jobId: JOB, status })]);
    await expect(api.job(JOB, signal)).resolves.toMatchObject({ state, status });
  });

  it('that has just begun needs nothing but its id and status; a time of 0 is none', async () => {
    const { api } = await startClari(closing, [
      reply(200, { id: JOB, status: 'PENDING', expiredTime: 0, endTime: null }),
    ]);
    await expect(api.job(JOB, signal)).resolves.toMatchObject({
      expiredTime: undefined,
      endTime: undefined,
      fileName: undefined,
    });
  });

  it('never carries the download link', async () => {
    const { api } = await startClari(closing, [
      reply(200, { ...done, downloadUrl: 'https://files.example.com/x?sig=hidden' }),
    ]);
    expect(JSON.stringify(await api.job(JOB, signal))).not.toContain('hidden');
  });
});

describe('the list of jobs', () => {
  it.each([
    ['bare', [done]],
    ['under jobs', { jobs: [done] }],
    ['under job', { job: [done] }],
  ])('is read %s', async (_, body) => {
    const { api } = await startClari(closing, [reply(200, body)]);
    await expect(api.jobs(signal)).resolves.toEqual([doneJob]);
  });

  it('keeps a job that can’t be read, as one of which only the id is known', async () => {
    const strange = { jobId: 'strange-1', status: 7, startTime: 'soon', fileName: ['a', 'b'] };
    const { api } = await startClari(closing, [reply(200, [strange, done])]);
    const [first, ...others] = await api.jobs(signal);
    expect(others).toEqual([doneJob]);
    expect(first).toMatchObject({ jobId: 'strange-1', state: 'unknown', startTime: undefined, fileName: undefined });
  });
});

describe('the limits', () => {
  const limits = { concurrentLimit: 2, monthlyQuota: 250, availableConcurrentLimit: 2, availableMonthlyQuota: 249 };

  it('are read, with no running jobs where Clari leaves them out', async () => {
    const { api } = await startClari(closing, [reply(200, { jobs: { ...limits, submittedJobIds: [JOB] } })]);
    await expect(api.limits(signal)).resolves.toEqual({
      concurrentLimit: 2,
      monthlyQuota: 250,
      availableConcurrent: 2,
      availableMonthly: 249,
      runningJobIds: [],
      submittedJobIds: [JOB],
    });
  });

  it('are undefined where the tenant has no such endpoint', async () => {
    const { api } = await startClari(closing, [reply(404, { message: 'no Route matched', request_id: 'r-1' })]);
    await expect(api.limits(signal)).resolves.toBeUndefined();
  });
});

describe('the list of forecasts', () => {
  it('is read, with or without periods', async () => {
    const forecasts = [
      {
        forecastName: 'EMEA Bookings',
        forecastId: 'emea_bookings',
        timePeriods: ['2027_Q1', { timePeriodId: '2027_Q2' }],
      },
      { forecastId: 'net_arr' },
    ];
    const { api } = await startClari(closing, [reply(200, { forecasts })]);
    await expect(api.forecasts(signal)).resolves.toEqual([
      { forecastName: 'EMEA Bookings', forecastId: 'emea_bookings', timePeriods: ['2027_Q1', '2027_Q2'] },
      { forecastName: undefined, forecastId: 'net_arr', timePeriods: [] },
    ]);
  });

  it('is undefined where the tenant has none', async () => {
    const { api } = await startClari(closing, [reply(404, { message: 'no Route matched' })]);
    await expect(api.forecasts(signal)).resolves.toBeUndefined();
  });
});

describe('cancelling', () => {
  const refused = reply(400, { code: 'export_failed_to_cancel', namespace: 'exports', message: '…' });
  it.each([
    ['cancelled', [reply(200, { status: 'ABORTED', successful: true })]],
    ['cancelled', [reply(204, '')]],
    // The first request took effect, and its answer was lost.
    ['cancelled', [refused, reply(200, { ...done, status: 'ABORTED' })]],
    ['finished', [refused, reply(200, done)]],
    ['finished', [reply(200, { status: 'DONE', successful: false }), reply(200, done)]],
  ])('says %s', async (expected, answers) => {
    const { api, seen } = await startClari(closing, answers);
    await expect(api.cancel(JOB, signal)).resolves.toBe(expected);
    expect(seen[0]).toMatchObject({ call: `PATCH /v4/export/jobs/${JOB}`, body: { type: 'CANCEL' } });
    expect(seen.slice(1).map(({ call }) => call)).toEqual(answers.slice(1).map(() => `GET /v4/export/jobs/${JOB}`));
  });
});

describe('the result’s link', () => {
  const url = 'https://files.example.com/x?sig=hidden';

  it.each([
    ['flat', { ...done, downloadUrl: url }],
    ['wrapped', { job: { ...done, download_url: url } }],
  ])('is the one that the finished job carries, %s, and takes no token along', async (_, body) => {
    const { api } = await startClari(closing, [reply(200, body)]);
    const link = await api.resultLink(JOB, signal);
    expect([link.url, link.headers, link.foreign]).toEqual([url, {}, true]);
  });

  it('is Clari’s own results endpoint with the token where the job carries none', async () => {
    const { api, server } = await startClari(closing, [reply(200, { ...done, downloadUrl: null })]);
    const link = await api.resultLink(JOB, signal);
    expect([link.url, link.headers, link.foreign]).toEqual([
      `${server.origin}/v4/export/jobs/${JOB}/results`,
      { apikey: TOKEN },
      false,
    ]);
  });

  it('is asked for each time', async () => {
    const replies = ['a', 'b'].map((name) => reply(200, { ...done, downloadUrl: `https://files.example.com/${name}` }));
    const { api } = await startClari(closing, replies);
    const links = [await api.resultLink(JOB, signal), await api.resultLink(JOB, signal)];
    expect(links.map((link) => link.url)).toEqual(['https://files.example.com/a', 'https://files.example.com/b']);
  });

  it('does not show itself when printed or serialised', async () => {
    const { api } = await startClari(closing, [reply(200, { ...done, downloadUrl: url })]);
    const link = await api.resultLink(JOB, signal);
    expect(inspect(link) + JSON.stringify(link)).not.toMatch(/hidden|files\.example/);
  });

  it('that is no address is refused without being shown', async () => {
    const { api } = await startClari(closing, [reply(200, { ...done, downloadUrl: 'hidden nonsense' })]);
    const error = await errorOf(api.resultLink(JOB, signal));
    expect(error).toMatchObject({ type: 'ClariAnswerUnreadable' });
    expect((error as Error).message).not.toContain('hidden');
  });
});
