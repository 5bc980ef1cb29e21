import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { environmentSecret } from '../../src/secrets/environment.js';
import { createLogger, temporalLogger } from '../../src/telemetry/logger.js';
import { SecretMask } from '../../src/telemetry/secret-mask.js';

function collected(level = 'trace'): { lines: string[]; mask: SecretMask; logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const mask = new SecretMask();
  return { lines, mask, logger: createLogger(level, mask, { write: (line) => void lines.push(line) }) };
}

test('a log line is one line of JSON with time, level and message', () => {
  const { lines, logger } = collected();
  logger.info({ event: 'started', note: 'two\nlines' }, 'The worker polls');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]*\n$/);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    event: 'started',
    note: 'two\nlines',
    msg: 'The worker polls',
  });
});

test('a line is masked as a whole and stays JSON', async () => {
  const { lines, mask, logger } = collected();
  await mask.watch(environmentSecret('TEST_TOKEN', { TEST_TOKEN: 'not "a" real value' })).read();
  logger.warn({ headers: { apikey: 'abc', authorization: 'Bearer abcdefgh1234' } }, 'with not "a" real value');
  const text = lines.join('');
  for (const secret of ['abc', 'real value']) expect(text).not.toContain(secret);
  expect(JSON.parse(text)).toMatchObject({ msg: 'with [secret]', headers: { apikey: '[secret]' } });
});

test('an error logged as it is tells its type and message, without its cause and stack', () => {
  const { lines, logger } = collected();
  logger.error(new TypeError('It failed.', { cause: new Error('row 7 holds Jo Doe') }));
  expect(lines.join('')).not.toMatch(/Jo|logger\.test/);
  expect(JSON.parse(lines.join(''))).toMatchObject({ err: { type: 'TypeError', message: 'It failed.' } });
});

test('lines below the level are left out', () => {
  const { lines, logger } = collected('warn');
  logger.info('not this');
  logger.error('this');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['this']);
});

describe('a line of Temporal’s SDK', () => {
  test('has our form, its level and its facts', () => {
    const { lines, logger } = collected();
    temporalLogger(logger).warn('Activity failed', { activityType: 'verifyAuth', attempt: 2 });
    expect(JSON.parse(lines.join(''))).toMatchObject({
      level: 'warn',
      msg: 'Activity failed',
      activityType: 'verifyAuth',
      attempt: 2,
    });
  });

  test('tells an error by type and message, without its cause, stack and details', () => {
    const { lines, logger } = collected();
    const cause = new Error('row 7 holds Jo Doe');
    const error = ApplicationFailure.create({
      message: 'It failed.',
      type: 'TokenRejected',
      cause,
      details: ['Jo Doe'],
    });
    temporalLogger(logger).error('Activity failed', { error });
    const text = lines.join('');
    expect(text).not.toContain('Jo');
    expect((JSON.parse(text) as { error: unknown }).error).toEqual({ type: 'TokenRejected', message: 'It failed.' });
  });

  test('tells an error under any other name in the same way', () => {
    const { lines, logger } = collected();
    const err = new Error('It failed.', { cause: new Error('row 7 holds Jo Doe') });
    temporalLogger(logger).error('Worker failed', { err, reason: err });
    expect(lines.join('')).not.toContain('Jo');
    expect(JSON.parse(lines.join(''))).toMatchObject({
      err: { type: 'Error', message: 'It failed.' },
      reason: { type: 'Error', message: 'It failed.' },
    });
  });

  test('may hold a whole number that JSON has no form for', () => {
    const { lines, logger } = collected();
    temporalLogger(logger).info('Counted', { events: 12n, at: undefined });
    expect(JSON.parse(lines.join(''))).toMatchObject({ msg: 'Counted' });
  });
});
