import { describe, expect, test } from 'vitest';
import { rememberSubmitted } from '../../../src/activities/submitted-jobs.js';
import type { ClaimInput } from '../../../src/model/account.js';
import { findExport, intend, record, release, settle } from '../../../src/workflows/account-ledger.js';
import { hour, intent, Ledger, minute } from '../../support/ledger.js';

describe('the creation lease', () => {
  test('goes to one export at a time, and passes on when the job is recorded', () => {
    const ledger = new Ledger();
    const first = ledger.claimId('a');
    expect(ledger.claim('b', { whatKey: 'other' })).toMatchObject({ action: 'wait', heldBy: first });
    ledger.do(intend, { exportId: first, attempt: 'a-1', intent });
    ledger.do(record, { exportId: first, jobId: 'job-1', excess: 0 });
    expect(ledger.claim('b', { whatKey: 'other' }).action).toBe('post');
  });

  test('an attempt whose lease was taken over may not post', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    expect(ledger.claimId('a', { attempt: 'a-2' })).toBe(exportId);
    expect(ledger.do(intend, { exportId, attempt: 'a-1', intent })).toBe('lost');
    expect(ledger.entry(exportId)?.intent).toBeNull();
    expect(ledger.do(intend, { exportId, attempt: 'a-2', intent })).toBe('acknowledged');
  });

  test('runs out after five minutes of silence, to the second', () => {
    const ledger = new Ledger();
    ledger.claimId('a');
    ledger.now += 5 * minute - 1;
    expect(ledger.claim('b', { whatKey: 'other' }).action).toBe('wait');
    ledger.now += 1;
    expect(ledger.claim('b', { whatKey: 'other' }).action).toBe('post');
  });

  test('runs anew from the intent', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.now += 4 * minute;
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    ledger.now += 4 * minute;
    expect(ledger.claim('b', { whatKey: 'other' }).action).toBe('wait');
  });

  test('whoever finds an intent reconciles and is not told to post', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    ledger.now += hour;
    expect(ledger.claim('b', { attempt: 'b-1' })).toMatchObject({ action: 'reconcile', exportId, intent });
  });

  test('released where no job was made forgets the intent; released in doubt keeps it', () => {
    for (const noJob of [true, false]) {
      const ledger = new Ledger();
      const exportId = ledger.claimId('a');
      ledger.do(intend, { exportId, attempt: 'a-1', intent });
      expect(ledger.do(release, { exportId, attempt: 'somebody-else', noJob })).toBe(false);
      expect(ledger.do(release, { exportId, attempt: 'a-1', noJob })).toBe(true);
      expect(ledger.state.lease).toBeNull();
      expect(ledger.claim('a').action).toBe(noJob ? 'post' : 'reconcile');
    }
  });
});

describe('which export a run gets', () => {
  test('its own, whatever it asks for now', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    ledger.now += 48 * hour;
    expect(ledger.claim('a', { fresh: true })).toMatchObject({ action: 'use', exportId, jobId: 'job-1' });
  });

  test('an equal one that is under way; not one that has ended, nor one of the day before yesterday', () => {
    const ledger = new Ledger();
    const first = ledger.created('a', 'job-1');
    ledger.now += minute;
    const joined = { joined: true, others: ['a'], ageMs: minute };
    expect(ledger.claim('b')).toMatchObject({ action: 'use', exportId: first, ...joined });
    ledger.now += 48 * hour;
    const second = ledger.claimId('c');
    expect(second).not.toBe(first);
    ledger.do(record, { exportId: second, jobId: 'job-2', excess: 0 });
    ledger.do(settle, { exportId: second, requester: 'c', state: 'ended' });
    ledger.now += minute;
    expect(ledger.claimId('d')).not.toBe(second);
  });

  test('never an equal one with fresh: true, and the generation tells the two apart', () => {
    const ledger = new Ledger();
    const first = ledger.created('a', 'job-1');
    expect([first, ledger.claimId('b', { fresh: true })]).toEqual([
      'what-20270503T060000Z-1',
      'what-20270503T060000Z-2',
    ]);
  });

  test('that of its scheduled time, also when it has ended; after a failure a new generation of it', () => {
    const ledger = new Ledger();
    const scheduledAt = '2027-05-03T02:30:00.000Z';
    const first = ledger.created('a', 'job-1', { scheduledAt });
    expect(first).toBe('what-20270503T023000Z-1');
    ledger.do(settle, { exportId: first, requester: 'a', state: 'ended' });
    expect(ledger.claimId('b', { scheduledAt })).toBe(first);
    expect(ledger.claimId('c', { scheduledAt: '2027-05-04T02:30:00.000Z' })).not.toBe(first);
    ledger.do(settle, { exportId: first, requester: '', state: 'failed' });
    ledger.do(release, { exportId: 'what-20270504T023000Z-1', attempt: 'c-1', noJob: true });
    expect(ledger.claimId('d', { scheduledAt })).toBe('what-20270503T023000Z-2');
  });

  test('one of which nobody knows whether it has a job, however long that takes', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    ledger.now += 30 * 24 * hour;
    expect(ledger.claim('b')).toMatchObject({ action: 'reconcile', exportId, waitedMs: 30 * 24 * hour });
  });

  test('under which the job that it names has landed, where the ledger knows nothing of it', () => {
    const landedAs = { exportId: 'what-20270401T060000Z-1', asOf: '2027-04-01T06:00:00.000Z', scheduledAt: null };
    expect(new Ledger().claim('a', { jobId: 'job-1', landedAs })).toMatchObject({ action: 'use', ...landedAs });
  });

  test('that of the job which it names, however little it says else', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    expect(ledger.claim('b', { whatKey: 'less', jobId: 'job-1' })).toMatchObject({ action: 'use', exportId });
    const unknown = ledger.claim('c', { jobId: 'job-of-yesteryear' });
    expect(unknown).toMatchObject({ action: 'use', jobId: 'job-of-yesteryear', joined: false });
  });
});

describe('an export that the ledger may have forgotten', () => {
  const scheduledAt = '2027-05-03T06:00:00.000Z';
  const others: readonly [string, Partial<ClaimInput>, boolean][] = [
    ['of a later time', { scheduledAt: '2027-05-04T06:00:00.000Z' }, false],
    ['of now', { fresh: true }, false],
    ['of an earlier time than it knows', { scheduledAt: '2027-05-02T06:00:00.000Z' }, true],
    ['of another thing', { whatKey: 'other' }, true],
  ];
  test.each(others)('is one %s: %j %s', (_, more, expected) => {
    const ledger = new Ledger();
    expect(ledger.claim('a', { scheduledAt })).toMatchObject({ action: 'post', mayBeForgotten: true });
    ledger.created('a', 'job-1', { scheduledAt });
    expect(ledger.claim('b', more)).toMatchObject({ action: 'post', mayBeForgotten: expected });
  });
});

describe('jobs of which one may be of an export that the ledger has forgotten', () => {
  const found = rememberSubmitted(['lost-1', 'lost-2']);
  const posted = (ledger: Ledger, name: string, jobIds: readonly string[] | null): void => {
    const exportId = ledger.claimId(name, { whatKey: name });
    const submitted = jobIds && rememberSubmitted(jobIds);
    ledger.do(intend, { exportId, attempt: `${name}-1`, intent: { ...intent, submitted } });
    ledger.do(record, { exportId, jobId: `job-${name}` });
    ledger.do(settle, { exportId, requester: name, state: 'ended' });
  };
  const toldTo = (ledger: Ledger, name: string): unknown => {
    const answer = ledger.claim(name, { whatKey: name });
    ledger.do(settle, { exportId: ledger.state.lease?.exportId ?? '', requester: name, state: 'ended' });
    return answer.action === 'post' && answer.mayBeForgotten ? (answer.foundJobs ?? 'all') : answer.action;
  };

  test('are all until it has asked for one, then those that were there before, as soon as Clari tells which', () => {
    const ledger = new Ledger();
    expect(toldTo(ledger, 'a')).toBe('all');
    posted(ledger, 'b', null);
    expect(toldTo(ledger, 'c')).toBe('all');
    posted(ledger, 'd', ['lost-1', 'lost-2']);
    posted(ledger, 'e', ['lost-1', 'lost-2', 'job-d', 'its-twin']);
    expect(toldTo(ledger, 'f')).toEqual(found);
  });

  test.each([
    [0, 'all'],
    [48 * hour, found],
  ])('are all once more where an export of %i ms ago had to go, whose job a run may still ask for: %j', (age, told) => {
    const ledger = new Ledger();
    for (let number = 0; number < 300; number++) posted(ledger, `run-${number}`, ['lost-1', 'lost-2']);
    expect(ledger.state.entries).toHaveLength(300);
    ledger.now += age;
    expect(toldTo(ledger, 'one more')).toEqual(told);
    // What it remembers begins there.
    posted(ledger, 'the next', ['lost-1', 'lost-2', 'job-run-0']);
    expect(ledger.state.foundJobs).toEqual(
      told === 'all' ? rememberSubmitted(['lost-1', 'lost-2', 'job-run-0']) : found,
    );
  });
});

describe('a POST of unknown outcome whose run has given up', () => {
  const undecided = (): [Ledger, string] => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    ledger.now += minute;
    return [ledger, exportId];
  };

  test('is decided by a job that is made fresh, and not by asking for one', () => {
    const [ledger, exportId] = undecided();
    const fresh = ledger.claimId('b', { fresh: true });
    expect(ledger.entry(exportId)?.state).toBe('posting');
    ledger.do(intend, { exportId: fresh, attempt: 'b-1', intent });
    ledger.do(record, { exportId: fresh, jobId: 'job-2' });
    ledger.do(settle, { exportId: fresh, requester: 'b', state: 'ended' });
    expect(ledger.entry(exportId)).toMatchObject({ state: 'failed', intent: null });
    expect(ledger.claim('c')).toMatchObject({ action: 'post', mayBeForgotten: false });
  });

  const named: readonly [string, Partial<ClaimInput>, string][] = [
    ['began with it, as far as clocks tell', { jobId: 'job-1', jobStartedAt: intent.askedAt - 2_000 }, 'failed'],
    ['has not begun', { jobId: 'job-1' }, 'failed'],
    ['began before it', { jobId: 'job-1', jobStartedAt: intent.askedAt - 2_001 }, 'posting'],
    ['was known before it', { jobId: 'old', jobStartedAt: intent.askedAt }, 'posting'],
    ['is another thing', { jobId: 'job-1', whatKey: 'other' }, 'posting'],
  ];
  test.each(named)('and by a job that is named and %s: %j %s', (_, more, state) => {
    const [ledger, exportId] = undecided();
    expect(ledger.claim('b', more).action).toBe('use');
    expect(ledger.entry(exportId)?.state).toBe(state);
  });

  test('is not decided as long as a run looks for its job', () => {
    const [ledger, exportId] = undecided();
    expect(ledger.claim('still', { attempt: 'still-1' }).action).toBe('reconcile');
    ledger.claim('b', { jobId: 'job-1' });
    expect(ledger.entry(exportId)?.state).toBe('posting');
  });
});

describe('how an export ends', () => {
  test('a run that is cancelled leaves it to the others, and has no more say in it', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    ledger.claimId('b');
    expect(findExport(ledger.state, { requester: 'a' }, ledger.now)?.others).toEqual(['b']);
    expect(ledger.do(settle, { exportId, requester: 'a', state: 'cancelled' })).toBe(false);
    expect(ledger.do(settle, { exportId, requester: 'a', state: 'ended' })).toBe(false);
    expect(ledger.entry(exportId)).toMatchObject({ state: 'created', requesters: ['b'] });
    expect(ledger.do(settle, { exportId, requester: 'b', state: 'cancelled' })).toBe(true);
    expect(ledger.claimId('c')).not.toBe(exportId);
  });

  test('a run that gives up without a job gives its lease back, and no other run’s', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    expect(ledger.claim('b')).toMatchObject({ action: 'wait' });
    ledger.do(settle, { exportId, requester: 'b', state: 'ended' });
    expect(ledger.state.lease?.requester).toBe('a');
    ledger.claim('b');
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    expect(ledger.state.lease).toBeNull();
    expect(ledger.entry(exportId)).toMatchObject({ state: 'claimed', requesters: ['b'] });
    expect(ledger.claim('b')).toMatchObject({ action: 'post', exportId });
  });

  test('a run that is over while another waits leaves the export open, and has no part in whether the job is cancelled', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    ledger.claimId('b');
    expect(ledger.do(settle, { exportId, requester: 'a', state: 'ended' })).toBe(false);
    expect(ledger.claim('c')).toMatchObject({ action: 'use', jobId: 'job-1', joined: true });
    ledger.do(settle, { exportId, requester: 'c', state: 'ended' });
    expect(findExport(ledger.state, { requester: 'b' }, ledger.now)?.others).toEqual([]);
    expect(ledger.do(settle, { exportId, requester: 'b', state: 'cancelled' })).toBe(true);
    // A run that was over long ago gets its own job back all the same, when it is reset.
    expect(findExport(ledger.state, { requester: 'a' }, ledger.now)?.jobId).toBe('job-1');
  });

  test('a run that has left it finds it by its job, which is cancelled only when no other run waits for it', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    ledger.claimId('b');
    ledger.do(settle, { exportId, requester: 'a', state: 'cancelled' });
    const find = (jobId: string) => findExport(ledger.state, { requester: 'a', jobId }, ledger.now);
    expect(find('job-1')).toMatchObject({ exportId, takesPart: false, others: ['b'] });
    expect(find('job-2')).toBeNull();
    expect(ledger.do(settle, { exportId, requester: '', state: 'cancelled' })).toBe(false);
    ledger.do(settle, { exportId, requester: 'b', state: 'ended' });
    expect(ledger.do(settle, { exportId, requester: '', state: 'cancelled' })).toBe(true);
  });

  test('what failed stays failed when its run ends', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    ledger.do(settle, { exportId, requester: '', state: 'failed' });
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    expect(ledger.entry(exportId)?.state).toBe('failed');
  });

  test('a second job for one export is counted, and the first is kept', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1');
    expect(ledger.do(record, { exportId, jobId: 'job-1', excess: 0 })).toEqual({ jobId: 'job-1', unwanted: false });
    expect(ledger.state.excessJobs).toBe(0);
    expect(ledger.do(record, { exportId, jobId: 'job-2', excess: 0 })).toEqual({ jobId: 'job-1', unwanted: false });
    expect(ledger.state.excessJobs).toBe(1);
    ledger.do(record, { exportId, jobId: 'job-1', excess: 2 });
    expect(ledger.state.excessJobs).toBe(3);
    expect(ledger.do(intend, { exportId, attempt: 'a-1', intent })).toBe('lost');
  });

  test('a job that is recorded after its run was cancelled is nobody’s, and whoever records it is told', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    ledger.do(settle, { exportId, requester: 'a', state: 'cancelled' });
    expect(ledger.do(record, { exportId, jobId: 'job-1', excess: 0 })).toEqual({ jobId: 'job-1', unwanted: true });
    expect(ledger.claim('b').action).toBe('post');
  });

  test('a job that was to be cancelled and had finished can be landed again', () => {
    const ledger = new Ledger();
    const exportId = ledger.created('a', 'job-1', { scheduledAt: '2027-05-03T06:00:00.000Z' });
    ledger.do(settle, { exportId, requester: 'a', state: 'cancelled' });
    ledger.do(settle, { exportId, requester: 'a', state: 'kept' });
    expect(ledger.claim('b', { scheduledAt: '2027-05-03T06:00:00.000Z' })).toMatchObject({ jobId: 'job-1', exportId });
  });
});

describe('equal runs that do not get in each other’s way', () => {
  test('one waits while another is at work, and a new attempt of the same run does not', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    expect(ledger.claim('b')).toMatchObject({ action: 'wait', heldBy: exportId });
    expect(ledger.claim('a', { attempt: 'a-2' }).action).toBe('post');
    ledger.do(intend, { exportId, attempt: 'a-2', intent });
    // What may have been posted is everybody's to find out.
    expect(ledger.claim('b').action).toBe('reconcile');
  });

  test('whoever reconciles is told which jobs are those of other exports', () => {
    const ledger = new Ledger();
    ledger.created('other', 'job-of-other', { whatKey: 'other' });
    const exportId = ledger.claimId('a');
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    expect(ledger.claim('a', { attempt: 'a-2' })).toMatchObject({ action: 'reconcile', takenJobIds: ['job-of-other'] });
  });

  test('a job that is landed again is not joined by who wants today’s', () => {
    const ledger = new Ledger();
    const old = ledger.created('a', 'job-1');
    ledger.do(settle, { exportId: old, requester: 'a', state: 'ended' });
    expect(ledger.claimId('again', { jobId: 'job-1' })).toBe(old);
    expect(ledger.claim('b').action).toBe('post');
    ledger.claim('stranger', { jobId: 'made-by-hand', whatKey: 'third' });
    expect(ledger.claim('c', { whatKey: 'third' }).action).not.toBe('use');
  });

  test('one shares the export of a run that ended without a job and was reset, as long as the job is of today', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(release, { exportId, attempt: 'a-1', noJob: true });
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    ledger.now += 72 * hour;
    expect(ledger.claimId('a', { attempt: 'a-2' })).toBe(exportId);
    expect(ledger.claim('b')).toMatchObject({ action: 'wait', heldBy: exportId });
    ledger.do(intend, { exportId, attempt: 'a-2', intent });
    ledger.do(record, { exportId, jobId: 'job-1' });
    ledger.now += 47 * hour;
    expect(ledger.claim('c')).toMatchObject({ action: 'use', exportId, jobId: 'job-1', joined: true });
  });

  test('a run that is reset without a job stands behind those that have come since', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(settle, { exportId, requester: 'a', state: 'ended' });
    const holder = ledger.claimId('holder', { whatKey: 'holder' });
    ledger.claim('waiting', { whatKey: 'waiting' });
    ledger.now += 1;
    expect(ledger.claim('a', { attempt: 'a-2' })).toMatchObject({ action: 'wait', ahead: 2 });
    ledger.do(record, { exportId: holder, jobId: 'job-1' });
    expect(ledger.claim('newest', { whatKey: 'newest' })).toMatchObject({ action: 'wait', ahead: 2 });
  });

  test('a run that is cancelled while it holds the lease lets go of it to the run that shares its export', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    expect(ledger.claim('b').action).toBe('wait');
    ledger.do(settle, { exportId, requester: 'a', state: 'cancelled' });
    expect(ledger.claim('b')).toMatchObject({ action: 'post', exportId });
    expect(ledger.do(intend, { exportId, attempt: 'a-1', intent })).toBe('lost');
  });

  test('a run that is cancelled before it knows its job frees the lease, and can still look for that job', () => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('a');
    ledger.do(intend, { exportId, attempt: 'a-1', intent });
    ledger.do(settle, { exportId, requester: 'a', state: 'cancelled' });
    expect(ledger.state.lease).toBeNull();
    expect(findExport(ledger.state, { requester: 'a' }, ledger.now)).toMatchObject({
      exportId,
      intent,
      jobId: null,
      others: [],
    });
    // Its job, if there is one, is about to be cancelled: whoever comes now makes another.
    expect(ledger.claim('b')).toMatchObject({ action: 'post' });
  });
});
