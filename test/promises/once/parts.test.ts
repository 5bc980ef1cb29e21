import { expect, test } from 'vitest';
import { whatKey } from '../../../src/activities/start-export.js';
import { checkRequest } from '../../../src/model/request-check.js';
import { partRequest } from '../../../src/model/split.js';
import { intend, settle } from '../../../src/workflows/account-ledger.js';
import { hour, intent, Ledger } from '../../support/ledger.js';

const quota = { whatKey: 'quota of whole', partOf: 'whole' };

test('a part has one job for every run that lands its export, however long ago and whatever the run before came to', () => {
  for (const state of ['ended', 'kept'] as const) {
    const ledger = new Ledger();
    const part = ledger.created('a#quota', 'job-quota', quota);
    ledger.do(settle, { exportId: part, requester: 'a#quota', state });
    ledger.now += 100 * hour;
    const answer = ledger.claim('b#quota', quota);
    expect(answer).toMatchObject({ action: 'use', exportId: part, jobId: 'job-quota', partOf: 'whole' });
  }
});

test('a part whose job was cancelled or failed gets another', () => {
  for (const state of ['cancelled', 'failed'] as const) {
    const ledger = new Ledger();
    const part = ledger.created('a#quota', 'job-quota', quota);
    ledger.do(settle, { exportId: part, requester: 'a#quota', state });
    expect(ledger.claim('a#quota', quota)).toMatchObject({ action: 'post', mayBeForgotten: false });
  }
});

test('a part is looked for where its request had no answer, by whoever comes', () => {
  const ledger = new Ledger();
  const part = ledger.claimId('a#quota', quota);
  ledger.do(intend, { exportId: part, attempt: 'a#quota-1', intent });
  ledger.now += hour;
  expect(ledger.claim('b#quota', quota)).toMatchObject({ action: 'reconcile', exportId: part });
});

test('who names the job of a part is told that it is one', () => {
  const ledger = new Ledger();
  ledger.created('a#quota', 'job-quota', quota);
  expect(ledger.claim('b', { whatKey: 'all', jobId: 'job-quota' })).toMatchObject({ action: 'use', partOf: 'whole' });
});

test('a part is neither the export of its type alone nor a part of another export', () => {
  const checked = checkRequest([{ forecastId: 'net_arr', splitIfTruncated: true, fresh: true }]);
  if (checked.outcome !== 'good') throw new Error('A good request was refused.');
  const request = partRequest(checked.request, 'quota');
  expect(request).toMatchObject({ typesToExport: ['quota'], fresh: false, jobId: null });
  const keys = [undefined, 'export-1', 'export-2'].map((partOf) => whatKey('account', request, partOf));
  expect(new Set(keys).size).toBe(3);
});
