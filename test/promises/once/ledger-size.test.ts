import { describe, expect, test } from 'vitest';
import { rememberSubmitted } from '../../../src/activities/submitted-jobs.js';
import type { PostIntent } from '../../../src/model/account.js';
import { intend, release, settle } from '../../../src/workflows/account-ledger.js';
import { crowd } from '../../support/crowd.js';
import { hour, Ledger, minute } from '../../support/ledger.js';

/** Somebody else's export. */
const other = (name: string): { whatKey: string } => ({ whatKey: name });

describe('the ledger stays small', () => {
  test('three hundred exports, of which the oldest ended go first', () => {
    const ledger = new Ledger();
    const open = ledger.created('open', 'job-open', { whatKey: 'open' });
    for (let number = 0; number < 400; number++) {
      ledger.now += 1;
      const exportId = ledger.created(`run-${number}`, `job-${number}`, { whatKey: `what-${number}` });
      ledger.do(settle, { exportId, requester: `run-${number}`, state: 'ended' });
    }
    expect(ledger.state.entries).toHaveLength(300);
    expect(ledger.entry(open)?.state).toBe('created');
    expect(ledger.state.entries.at(-1)?.jobId).toBe('job-399');
    expect(JSON.stringify(ledger.state).length).toBeLessThan(128 * 1024);
  });

  test('every run that goes on, and the newest fifty that are over', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('run-0', 'job');
    for (let number = 1; number <= 60; number++) ledger.claimId(`run-${number}`);
    expect(ledger.entry(exportId)?.active).toHaveLength(61);
    for (let number = 0; number <= 60; number++)
      ledger.do(settle, { exportId, requester: `run-${number}`, state: 'ended' });
    expect(ledger.entry(exportId)?.state).toBe('ended');
    expect(ledger.entry(exportId)?.requesters).toEqual(Array.from({ length: 50 }, (_, n) => `run-${n + 11}`));
    expect(ledger.claim('run-11', { attempt: 'reset' })).toMatchObject({ action: 'use', exportId, jobId: 'job' });
  });
});

describe('POSTs of which nobody knows the outcome', () => {
  const ids = Array.from({ length: 2_000 }, (_, number) => number.toString(16).padStart(24, 'a'));
  const submitted = rememberSubmitted(ids);
  const large: PostIntent = { knownJobIds: ids.slice(0, 100), knownSince: 1, submitted, askedAt: 2 };

  /** Left behind by a run that has given up. */
  function lost(ledger: Ledger, number: number): string {
    const requester = `export-forecast-${number}/0199aaaa-bbbb-cccc-dddd-${String(number).padStart(12, '0')}`;
    const exportId = ledger.claimId(requester, other(`what-${number}`));
    ledger.do(intend, { exportId, attempt: `${requester}-1`, intent: large });
    ledger.do(settle, { exportId, requester, state: 'ended' });
    return exportId;
  }

  test('the worst state stays below a megabyte, and keeps all that was known for the newest alone', () => {
    const ledger = new Ledger();
    const exportIds = Array.from({ length: 300 }, (_, number) => {
      ledger.now += minute;
      return lost(ledger, number);
    });
    for (let number = 0; number < 50; number++)
      for (let runs = 0; runs < 50; runs++) ledger.claim(`joiner-${number}-${runs}`, other(`what-${number}`));
    expect(Buffer.byteLength(JSON.stringify(ledger.state))).toBeLessThan(1_000_000);
    const intents = exportIds.map((exportId) => ledger.entry(exportId)?.intent);
    expect(intents.slice(280)).toEqual(Array.from({ length: 20 }, () => large));
    const digest = large.submitted?.digest;
    expect(intents[279]).toEqual({
      knownJobIds: [],
      knownSince: null,
      submitted: { digest, marks: null },
      askedAt: 2,
      digestOnly: true,
    });
  });

  test('their exports count as failed when Clari has discarded the file that they may have made', () => {
    const ledger = new Ledger();
    const exportId = lost(ledger, 1);
    ledger.now += 32 * 24 * hour - 1;
    expect(ledger.claim('before', other('what-1')).action).toBe('reconcile');
    ledger.do(settle, { exportId, requester: 'before', state: 'ended' });
    ledger.now += 1;
    expect(ledger.claim('after', other('what-1')).action).toBe('post');
    expect(ledger.entry(exportId)).toMatchObject({ state: 'failed', intent: null });
  });
});

describe('more exports at once than the ledger remembers', () => {
  test.each([
    [400, 15],
    [1_000, 45],
  ])('%i all get their jobs within %i minutes', (runs, minutes) => {
    expect(crowd(new Ledger(), runs, minutes * minute)).toHaveLength(runs);
  });

  /** Runs until the ledger takes no more. */
  function fill(ledger: Ledger, each: (name: string) => void): number {
    for (let number = 0; number < 10_000; number++) {
      const name = `run-${number}`;
      const answer = ledger.claim(name, other(name));
      if (answer.action === 'wait' && !answer.inLine) return number;
      each(name);
    }
    return Infinity;
  }

  test('what is under way is never forgotten; who finds the ledger full waits without a place in line', () => {
    const ledger = new Ledger();
    const holder = ledger.claimId('holder', other('holder'));
    const places = fill(ledger, () => undefined);
    expect(places).toBeGreaterThan(500);
    const full = ledger.state;
    expect(ledger.claim('late', other('late'))).toMatchObject({
      action: 'wait',
      heldBy: holder,
      ahead: places,
      inLine: false,
    });
    expect(ledger.state).toBe(full);
    // A run that it knows goes on.
    expect(ledger.claim('holder', { ...other('holder'), attempt: 'holder-2' })).toMatchObject({ action: 'post' });
    ledger.do(settle, { exportId: holder, requester: 'holder', state: 'ended' });
    expect(ledger.claim('late', other('late'))).toMatchObject({ action: 'wait', inLine: true });
    expect(ledger.entry(holder)).toBeUndefined();
  });

  test('jobs of runs that were terminated go after two days, and those without a job once their place in line is lost', () => {
    const created = new Ledger();
    fill(created, (name) => created.created(name, `job-of-${name}`, other(name)));
    created.now += 48 * hour - 1;
    expect(created.claim('late', other('late'))).toMatchObject({ action: 'wait', inLine: false });
    created.now += 1;
    expect(created.claim('late', other('late')).action).toBe('post');

    const claimed = new Ledger();
    fill(claimed, (name) => {
      const exportId = claimed.claimId(name, other(name));
      claimed.do(release, { exportId, attempt: `${name}-1`, noJob: true, waitsMs: 2 * hour });
    });
    claimed.now += 2 * hour - 1;
    expect(claimed.claim('late', other('late'))).toMatchObject({ action: 'wait', inLine: false });
    claimed.now += 1;
    expect(claimed.claim('late', other('late')).action).toBe('post');
  });
});
