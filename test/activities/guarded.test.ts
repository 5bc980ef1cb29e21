import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { attempt, failureOf } from '../../src/activities/guarded.js';
import { ExportError } from '../../src/model/export-error.js';
import { failures, type FailureType } from '../../src/model/failures.js';

/** What becomes of an error that an activity throws; inside one, since unforeseen errors are logged there. */
async function thrown(error: unknown, info: Partial<Info> = {}): Promise<ApplicationFailure> {
  let failure: Error | undefined;
  await new MockActivityEnvironment(info).run(() => {
    failure = failureOf(error);
    return Promise.resolve();
  });
  if (!(failure instanceof ApplicationFailure)) throw new Error('that is no application failure');
  return failure;
}

describe('the failure that Temporal sees', () => {
  test('has the type, the words and the retry of its row in the table, for every row', async () => {
    for (const type of Object.keys(failures) as FailureType[]) {
      const failure = await thrown(new ExportError(type, 'It happened.', { retryAfterMs: 1234 }));
      const { retry, remedy } = failures[type];
      expect([failure.type, failure.message], type).toEqual([type, `It happened. ${remedy}`]);
      expect(failure.nonRetryable, type).toBe(retry === 'never');
      expect(failure.category === ApplicationFailureCategory.BENIGN, type).toBe(retry === 'poll');
      expect(failure.nextRetryDelay, type).toBe(1234);
      expect(failure.cause, type).toBeUndefined();
    }
  });

  test('leaves the wait to the retry policy where nobody named one', async () => {
    const failure = await thrown(new ExportError('ClariUnavailable', 'It happened.'));
    expect(failure.nextRetryDelay).toBeUndefined();
  });

  test('of an unforeseen error, names its class, code and place and nothing of its words', async () => {
    const error = Object.assign(new TypeError('the cell "Wilhelmina Quux" at https://x.example/?signature=abc'), {
      code: 'ERR_INVALID_ARG_TYPE',
      cause: new Error('Wilhelmina again'),
    });
    const failure = await thrown(error);
    expect(failure.type).toBe('Unexpected');
    expect(failure.message).toMatch(/^TypeError \(ERR_INVALID_ARG_TYPE\) at /);
    expect(JSON.stringify([failure.message, failure.stack, failure.details])).not.toMatch(/Wilhelmina|signature/);
    expect(failure.cause).toBeUndefined();
  });

  test('of an unforeseen error, is given up after a quarter of an hour and five attempts, not before', async () => {
    const long = Date.now() - 20 * 60_000;
    const bug = new TypeError('x');
    expect((await thrown(bug, { attempt: 5, scheduledTimestampMs: long })).nonRetryable).toBe(true);
    expect((await thrown(bug, { attempt: 4, scheduledTimestampMs: long })).nonRetryable).toBe(false);
    expect((await thrown(bug, { attempt: 50, scheduledTimestampMs: Date.now() })).nonRetryable).toBe(false);
    const known = new ExportError('ClariUnavailable', 'It happened.');
    expect((await thrown(known, { attempt: 50, scheduledTimestampMs: long })).nonRetryable).toBe(false);
  });

  test('of an error with words in its name or code, repeats neither', async () => {
    const error = Object.assign(new Error('x'), { code: 'Wilhelmina Quux', name: 'Wilhelmina Quux' });
    expect((await thrown(error)).message).not.toContain('Wilhelmina');
    expect((await thrown('Wilhelmina')).message).toMatch(/^a thrown string at /);
  });

  test('is left alone where it is one already', () => {
    const cancelled = new CancelledFailure('stop');
    expect(failureOf(cancelled)).toBe(cancelled);
  });
});

describe('an attempt', () => {
  test('that is cancelled ends as cancelled, whatever the broken-off work throws', async () => {
    const environment = new MockActivityEnvironment();
    const run = environment.run(() =>
      attempt(async ({ signal }) => {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
          environment.cancel();
        });
        throw new Error('socket hang up');
      }),
    );
    await expect(run).rejects.toBeInstanceOf(CancelledFailure);
  });

  test('tells what it is at as soon as it knows, and nothing before', async () => {
    const environment = new MockActivityEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    await environment.run(() =>
      attempt(({ progress }) => {
        progress({ bytes: 10 });
        progress({ table: 'forecast_users' });
        return Promise.resolve();
      }),
    );
    expect(beats).toEqual([{ bytes: 10 }, { bytes: 10, table: 'forecast_users' }]);
  });
});
