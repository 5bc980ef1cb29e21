import { describe, expect, test } from 'vitest';
import { intend, line, record, release, settle } from '../../../src/workflows/account-ledger.js';
import { intent, Ledger, minute } from '../../support/ledger.js';

const second = 1_000;
const soon = minute;

/** Somebody else's export, under a lease that it holds or waits for. */
const other = (name: string): { whatKey: string } => ({ whatKey: name });

describe('in line for the lease', () => {
  /** `first` creates, `second` and `third` came after it in that order. */
  const queued = (): Ledger => {
    const ledger = new Ledger();
    for (const name of ['first', 'second', 'third']) ledger.claim(name, other(name));
    return ledger;
  };
  const idOf = (ledger: Ledger, name: string): string =>
    ledger.state.entries.find(({ whatKey }) => whatKey === name)?.exportId ?? '';

  test('who comes later waits for those that came before it, and is told how many they are', () => {
    const ledger = queued();
    ledger.now += 4 * second;
    expect(ledger.claim('third', other('third'))).toEqual({
      action: 'wait',
      heldBy: idOf(ledger, 'first'),
      heldForMs: 4 * second,
      ahead: 2,
      inLine: true,
    });
    ledger.do(record, { exportId: idOf(ledger, 'first'), jobId: 'job-1' });
    expect(ledger.claim('third', other('third'))).toEqual({
      action: 'wait',
      heldBy: idOf(ledger, 'second'),
      heldForMs: 0,
      ahead: 1,
      inLine: true,
    });
    expect(ledger.claim('newest', other('newest'))).toMatchObject({ action: 'wait', ahead: 2 });
    expect(ledger.claim('second', other('second'))).toMatchObject({ action: 'post' });
    ledger.do(record, { exportId: idOf(ledger, 'second'), jobId: 'job-2' });
    expect(ledger.claim('third', other('third'))).toMatchObject({ action: 'post' });
  });

  test('nobody waits for a run that has not come back within twenty seconds, nor for one that was cancelled', () => {
    const ledger = queued();
    ledger.do(record, { exportId: idOf(ledger, 'first'), jobId: 'job-1' });
    ledger.now += 20 * second - 1;
    expect(ledger.claim('newest', other('newest'))).toMatchObject({ action: 'wait', ahead: 2 });
    ledger.now += 1;
    expect(ledger.claim('newest', other('newest'))).toMatchObject({ action: 'post' });

    const another = queued();
    another.do(record, { exportId: idOf(another, 'first'), jobId: 'job-1' });
    another.do(settle, { exportId: idOf(another, 'second'), requester: 'second', state: 'cancelled' });
    expect(another.claim('third', other('third'))).toMatchObject({ action: 'post' });
  });

  test('who has the lease and comes again, to look for its job, does not wait for those who wait for it', () => {
    const ledger = new Ledger();
    const first = ledger.claimId('first', other('first'));
    ledger.do(release, { exportId: first, attempt: 'first-1', noJob: true });
    const exportId = ledger.claimId('second', other('second'));
    ledger.do(intend, { exportId, attempt: 'second-1', intent });
    expect(ledger.claim('first', other('first'))).toMatchObject({ action: 'wait', heldBy: exportId });
    const again = ledger.claim('second', { ...other('second'), attempt: 'second-2' });
    expect(again).toMatchObject({ action: 'reconcile' });
  });

  test('any run of the export keeps its place', () => {
    const ledger = queued();
    ledger.do(record, { exportId: idOf(ledger, 'first'), jobId: 'job-1' });
    expect(ledger.claim('equal', other('second'))).toMatchObject({ action: 'post', exportId: idOf(ledger, 'second') });
  });
});

describe('while the job of a lost answer is looked for', () => {
  const lost = (): Ledger => {
    const ledger = new Ledger();
    const exportId = ledger.claimId('first', other('first'));
    ledger.do(intend, { exportId, attempt: 'first-1', intent });
    ledger.do(release, { exportId, attempt: 'first-1', noJob: false });
    return ledger;
  };
  const alike = { whatKey: 'alike', forecastId: 'first' };

  test('exports of other forecasts are created, and one that can not be told from it waits', () => {
    const ledger = lost();
    expect(ledger.claim('alike', alike)).toMatchObject({ action: 'wait', ahead: 1 });
    expect(ledger.claim('newest', other('newest'))).toMatchObject({ action: 'post' });
  });

  test('nobody waits for a run that looks no more', () => {
    const [gone, over] = [lost(), lost()];
    gone.now += 2 * minute;
    expect(gone.claim('alike', alike)).toMatchObject({ action: 'post' });
    const [{ exportId } = { exportId: '' }] = over.state.entries;
    over.do(settle, { exportId, requester: 'first', state: 'ended' });
    expect(over.claim('alike', alike)).toMatchObject({ action: 'post' });
  });
});

describe('in line for room at Clari', () => {
  /** Two exports that found no room, one after the other. */
  const waiting = (): Ledger => {
    const ledger = new Ledger();
    for (const name of ['first', 'second']) {
      const exportId = ledger.claimId(name, other(name));
      ledger.do(release, { exportId, attempt: `${name}-1`, noJob: true, waitsMs: soon });
    }
    return ledger;
  };

  test('who comes later leaves to those before it what becomes free', () => {
    const ledger = waiting();
    expect(ledger.do(line, { requester: 'first', withinMs: soon })).toEqual({ ahead: 0 });
    expect(ledger.do(line, { requester: 'second', withinMs: soon })).toEqual({ ahead: 1 });
    expect(ledger.claim('newest', other('newest'))).toMatchObject({ action: 'post', ahead: 2 });
  });

  test('a place is kept from look to look, and lost by whoever does not come back', () => {
    const ledger = waiting();
    ledger.now += soon - 1;
    ledger.do(line, { requester: 'first', withinMs: soon });
    ledger.now += 1;
    expect(ledger.do(line, { requester: 'second', withinMs: soon })).toEqual({ ahead: 1 });
    ledger.now += soon;
    expect(ledger.do(line, { requester: 'second', withinMs: soon })).toEqual({ ahead: 0 });
  });

  test('nobody leaves room to an export that has its job, nor to one that was refused for another reason', () => {
    const ledger = waiting();
    const exportId = ledger.claimId('first', other('first'));
    ledger.do(record, { exportId, jobId: 'job-1' });
    expect(ledger.do(line, { requester: 'second', withinMs: soon })).toEqual({ ahead: 0 });
    const refused = ledger.claimId('second', other('second'));
    ledger.do(release, { exportId: refused, attempt: 'second-1', noJob: true });
    expect(ledger.claim('newest', other('newest'))).toMatchObject({ action: 'post', ahead: 0 });
  });

  test('a run that the ledger has forgotten stands behind nobody', () => {
    expect(waiting().do(line, { requester: 'unheard-of', withinMs: soon })).toEqual({ ahead: 0 });
  });
});
