import { describe, expect, test } from 'vitest';
import { changeFindings } from '../../src/activities/change-findings.js';
import type { Measures } from '../../src/destinations/port.js';
import type { Receipt } from '../../src/model/receipt.js';
import { receiptFor } from '../destinations/loads.js';

interface Figures {
  readonly entries?: number;
  readonly users?: number;
  readonly weeks?: number;
  /** How many forecasts, and their sum. */
  readonly forecasts?: readonly [values: number, total: string | null];
  readonly day?: number;
  readonly policy?: string;
  readonly history?: boolean;
}

function snapshot(figures: Figures): { readonly receipt: Receipt; readonly measures: Measures } {
  const {
    entries = 1000,
    users = 100,
    weeks = 4,
    forecasts = [0, '0'],
    day = 1,
    policy = 'p',
    history = true,
  } = figures;
  const tables = [
    ['forecast_entries', entries],
    ['forecast_users', users],
    ['forecast_time_frames', weeks],
  ] as const;
  const [values, total] = forecasts;
  return {
    receipt: receiptFor(
      { exportId: `of-day-${day}`, loadId: 'load' },
      tables.map(([table, rows]) => ({ table, rows, checksum: '0' })),
      {
        capturedAt: `2026-05-${String(day).padStart(2, '0')}T05:00:00Z`,
        policy: { name: 'keyed', version: 1, digest: policy, reversible: false },
        request: { includeHistorical: history },
      },
    ),
    measures: { forecast_value: { values, total } },
  };
}

/** As `of: percent`. */
function findings(before: Figures, now: Figures, percent = 50): string[] {
  const [was, is] = [snapshot(before), snapshot({ day: 2, ...now })];
  const found = changeFindings(was, is.receipt, is.measures, percent);
  return found.map(({ of, changePercent }) => `${of}: ${changePercent}`);
}

const cases: readonly [string, Figures, Figures, readonly string[]][] = [
  ['nothing has changed', {}, {}, []],
  ['half of the entries are left', {}, { entries: 500 }, []],
  ['less than half of the entries are left', {}, { entries: 499 }, ['forecast_entries: -50']],
  ['half as many more entries came', {}, { entries: 1500 }, []],
  ['more came', {}, { entries: 1600 }, ['forecast_entries: 60']],
  ['more came with more weeks', { weeks: 1 }, { entries: 2900, weeks: 2 }, []],
  ['even more came than with the weeks', { weeks: 1 }, { entries: 3100, weeks: 2 }, ['forecast_entries: 55']],
  ['entries fell while the weeks grew', { weeks: 1 }, { entries: 400, weeks: 2 }, ['forecast_entries: -60']],
  ['a file without weeks may have grown by another one', { weeks: 0 }, { weeks: 0, entries: 2900 }, []],
  ['or by three since', { weeks: 0 }, { weeks: 0, entries: 5900, day: 20 }, []],
  ['but not by more', { weeks: 0 }, { weeks: 0, entries: 6100, day: 20 }, ['forecast_entries: 53']],
  [
    'a single week has no more weeks to grow by',
    { weeks: 1, history: false },
    { weeks: 2, entries: 1600, history: false },
    ['forecast_entries: 60'],
  ],
  ['users have gone', {}, { users: 40 }, ['forecast_users: -60']],
  ['users came', {}, { users: 160 }, ['forecast_users: 60']],
  ['few became many', { entries: 29, users: 5 }, { users: 50 }, []],
  ['few became fewer', { entries: 20 }, { entries: 5 }, ['forecast_entries: -75']],
  ['nothing became something', { entries: 0, users: 0 }, {}, []],
  ['nothing stays nothing', { entries: 0 }, { entries: 0 }, []],
  ['the sum of amounts fell', { forecasts: [500, '1000.5'] }, { forecasts: [500, '400'] }, ['forecast_value: -60']],
  ['more amounts make a larger sum', { forecasts: [100, '1000'] }, { forecasts: [400, '4000'] }, []],
  ['but each is larger', { forecasts: [100, '1000'] }, { forecasts: [200, '6000'] }, ['forecast_value: 200']],
  ['a few amounts say nothing', { forecasts: [29, '1000'] }, { forecasts: [29, '1'] }, []],
  ['but not that they are gone', { forecasts: [29, '1000'] }, { forecasts: [0, '0'] }, ['forecast_value: -100']],
  ['a sum that can not be told says nothing', { forecasts: [100, '1000'] }, { forecasts: [100, null] }, []],
  ['nor does one under another policy', { forecasts: [100, '9'] }, { forecasts: [100, '1'], policy: 'q' }, []],
  [
    'nor one of a single week',
    { forecasts: [100, '9'], history: false },
    { forecasts: [100, '1'], history: false },
    [],
  ],
];

describe('what differs too much from the last snapshot', () => {
  test.each(cases)('%s', (_name, before, now, found) => {
    expect(findings(before, now)).toEqual(found);
  });

  test('is what has gone altogether, however much may change', () => {
    expect(findings({}, { entries: 0 }, 1000)).toEqual(['forecast_entries: -100']);
    expect(findings({}, { entries: 1, users: 1000 }, 1000)).toEqual([]);
  });

  test('is nothing where it may be anything', () => {
    expect(findings({}, { entries: 0, users: 0 }, 0)).toEqual([]);
  });

  test('is told without amounts', () => {
    const [was, is] = [snapshot({ forecasts: [100, '1000'] }), snapshot({ forecasts: [100, '3000'], entries: 10 })];
    expect(changeFindings(was, is.receipt, is.measures, 50)).toEqual([
      { of: 'forecast_entries', before: 1000, now: 10, changePercent: -99 },
      { of: 'forecast_value', before: null, now: null, changePercent: 200 },
    ]);
  });
});
