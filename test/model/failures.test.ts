import { expect, test } from 'vitest';
import { failures, isFailureType, type FailureRow } from '../../src/model/failures.js';

const rows: [string, FailureRow][] = Object.entries(failures);

test.each(rows)('%s has a remedy of whole sentences, and an exit code of its group', (_type, row) => {
  expect(row.remedy).toMatch(/^[A-Z].{10,}\.$/s);
  expect(row.remedy).not.toMatch(/\s{2}|\n/);
  expect(row.remedy.length).toBeLessThanOrEqual(300);
  expect(row.exitCode).toBeGreaterThanOrEqual(1);
  expect(row.exitCode).toBeLessThanOrEqual(9);
  expect(['never', 'soon', 'poll']).toContain(row.retry);
});

test('what is only waited for alerts nobody', () => {
  const waits = rows.filter(([, { retry }]) => retry === 'poll');
  expect(waits.map(([type]) => type)).toEqual(expect.arrayContaining(['ExportNotReady', 'NoCapacity', 'LeaseBusy']));
  for (const [type, { alert }] of waits) expect([type, alert]).toEqual([type, false]);
});

test('what an operator has to correct is not tried again', () => {
  for (const type of ['InvalidInput', 'SecretInInput', 'TokenRejected', 'UnknownForecast', 'LeakFound'] as const) {
    expect(failures[type].retry).toBe('never');
  }
  expect(failures.SecretInInput.remedy).toContain('Delete this execution');
  expect(failures.InvalidInput.exitCode).toBe(2);
  expect(failures.Unexpected.exitCode).toBe(1);
});

test('a type that came over the wire is believed only if the table has it', () => {
  expect(isFailureType('TokenRejected')).toBe(true);
  for (const type of ['tokenRejected', 'toString', '__proto__', '', undefined, null, 7])
    expect(isFailureType(type)).toBe(false);
});
