import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/model/receipt.js';
import { createHash } from 'node:crypto';
import { whatKey } from '../../src/activities/start-export.js';
import { partRequest } from '../../src/model/split.js';
import { intent } from '../support/ledger.js';
import { together } from './amounts.js';
import { whatOf } from './clari-evidence.js';
import { check } from './checker.js';
import type { Evidence } from './evidence.js';
import { entryOf, fileOf, jobOf, rowOf, runOf, SoundWorld } from './sound-evidence.js';
import { splitRows } from './split-rows.js';

const sound = new SoundWorld();
const { clari, ledger, warehouse, runs } = sound;
const [netArr, renewals] = [entryOf('net_arr'), entryOf('renewals')];

/** The warehouse with another receipt of the first export. */
function withReceipt(change: Partial<Receipt>): Partial<Evidence> {
  const [first, ...others] = warehouse.exports;
  const receipt = { ...(JSON.parse(first?.receipt ?? '') as Receipt), ...change };
  return { warehouse: { ...warehouse, exports: [rowOf(receipt), ...others] } };
}

/** The warehouse with something else in the rows of one table of the first export. */
function withRows(change: Partial<(typeof warehouse.rows)[number]>): Partial<Evidence> {
  const [first, ...others] = warehouse.rows;
  if (!first) throw new Error('the sound world has no rows');
  return { warehouse: { ...warehouse, rows: [{ ...first, ...change }, ...others] } };
}

const failed = (type: string, message = ''): Partial<Evidence> => ({
  runs: [...runs, runOf('renewals', { runId: 'other', status: 'FAILED', receipt: null, failure: { type, message } })],
});

const POSTED = 1_000_000;

/** A run of which nobody can tell what became of its POST. */
function undecided(disturbed: Evidence['disturbed'], unansweredPosts: readonly number[] = []): Partial<Evidence> {
  const lost = entryOf('renewals', { exportId: 'x', jobId: null, intent, intendedAt: POSTED });
  return {
    ...failed('CreateOutcomeUnknown'),
    ...{ disturbed, clari: { ...clari, unansweredPosts }, ledger: { ...ledger, entries: [...ledger.entries, lost] } },
  };
}

/** One export that landed although its run was cancelled, which ended at 2 000. */
function cancelled(publishedAt: number): Partial<Evidence> {
  return {
    runs: [runOf('net_arr', { status: 'CANCELLED', receipt: null, closedAt: 2_000 }), runOf('renewals')],
    warehouse: { ...warehouse, exports: warehouse.exports.map((row) => ({ ...row, publishedAt })) },
    ledger: { ...ledger, entries: [{ ...netArr, requesters: ['export-net_arr/run-net_arr'] }, renewals] },
    interventions: [{ workflowId: 'export-net_arr', does: 'cancel' }],
  };
}

/**
 * The first export made of two parts, each of the same file: one of two equal rows is joined.
 * @param lost entries that are not there, of which the receipt says that they were joined
 */
function split({ joined = 0, lost = 0, truncated = false } = {}): Partial<Evidence> {
  const [first, ...others] = warehouse.exports;
  const whole = JSON.parse(first?.receipt ?? '') as Receipt;
  const request: Receipt['request'] = {
    ...whole.request,
    typesToExport: ['quota', 'forecast'],
    splitIfTruncated: true,
  };
  const types = ['quota', 'forecast'] as const;
  const parts = types.map((type) => ({ type, jobId: `job-${type}`, complete: true, rows: 30, sha256: 'aa' }));
  const receipt = {
    ...whole,
    ...{ request, parts, raw: { bytes: 1_800, sha256: createHash('sha256').update('aa\naa').digest('hex') } },
    tables: whole.tables.map((one) => {
      const left = one.read - (one.table === 'forecast_entries' ? lost : 0);
      return { ...one, read: one.read * 2, joined: one.read * 2 - left + joined, staged: left, landed: left };
    }),
  } as unknown as Receipt;
  const key = (exportId?: string, type?: (typeof types)[number]): string =>
    whatKey('default', type ? partRequest(request, type) : request, exportId);
  const run = runOf('net_arr', { request, receipt });
  const rows = warehouse.rows.map((one) =>
    one.exportId === netArr.exportId && one.table === 'forecast_entries' ? { ...one, rows: one.rows - lost } : one,
  );
  const ofParts = together(types.map(() => clari.fileOf(netArr.jobId ?? '').amounts()));
  const amounts = new Map([...warehouse.amounts, [netArr.exportId, ofParts]]);
  return {
    runs: [run, runOf('renewals')],
    warehouse: { ...warehouse, exports: [rowOf(receipt), ...others], rows, amounts },
    clari: {
      ...clari,
      jobs: [
        jobOf('net_arr', { what: whatOf(request), truncated: true }),
        jobOf('renewals'),
        ...types.map((type) =>
          jobOf('net_arr', { jobId: `job-${type}`, what: whatOf(partRequest(request, type)), truncated }),
        ),
      ],
    },
    ledger: {
      ...ledger,
      entries: [
        { ...netArr, whatKey: key() },
        renewals,
        ...types.map((type) => ({
          ...entryOf('net_arr', { exportId: `part-${type}`, jobId: `job-${type}` }),
          whatKey: key(netArr.exportId, type),
        })),
      ],
    },
  };
}

/** Two split exports of the same parts, with other rows. */
function splitTwice(): Partial<Evidence> {
  const once = split();
  const [first, ...others] = once.warehouse?.exports ?? [];
  const receipt = JSON.parse(first?.receipt ?? '') as Receipt;
  const tables = receipt.tables.map((table) => ({ ...table, checksum: '666' }));
  const exports = [rowOf(receipt), rowOf({ ...receipt, exportId: 'another', tables }), ...others];
  return { ...once, warehouse: { ...(once.warehouse ?? warehouse), exports } };
}

interface Row {
  readonly rule: string;
  readonly name: string;
  readonly world: Partial<Evidence>;
}

const violations: readonly Row[] = [
  {
    name: 'a job that no export has',
    rule: 'an export spends one job',
    world: { clari: { ...clari, jobs: [...clari.jobs, jobOf('net_arr', { jobId: 'stray' })] } },
  },
  {
    name: 'two stray jobs where one export does not know its own',
    rule: 'an export spends one job',
    world: {
      clari: { ...clari, jobs: [...clari.jobs, ...['a', 'b'].map((jobId) => jobOf('net_arr', { jobId }))] },
      ledger: { ...ledger, entries: [...ledger.entries, entryOf('net_arr', { exportId: 'x', jobId: null, intent })] },
    },
  },
  {
    name: 'a stray job of another forecast than the export that does not know its own',
    rule: 'an export spends one job',
    world: {
      clari: { ...clari, jobs: [...clari.jobs, jobOf('renewals', { jobId: 'stray' })] },
      ledger: { ...ledger, entries: [...ledger.entries, entryOf('net_arr', { exportId: 'x', jobId: null, intent })] },
    },
  },
  {
    name: 'one job in two exports of the ledger',
    rule: 'a job belongs to one export',
    world: { ledger: { ...ledger, entries: [...ledger.entries, entryOf('net_arr', { exportId: 'x' })] } },
  },
  {
    name: 'an export whose job is of another forecast',
    rule: 'an export has the job that it asked for',
    world: {
      ledger: {
        ...ledger,
        entries: [
          { ...netArr, jobId: 'job-renewals' },
          { ...renewals, jobId: 'job-net_arr' },
        ],
      },
    },
  },
  {
    name: 'rows of an export that was never published',
    rule: 'a reader sees nothing of unfinished exports',
    world: withRows({ exportId: 'unfinished' }),
  },
  {
    name: 'a table that is none of the package',
    rule: 'a reader sees nothing of unfinished exports',
    world: { warehouse: { ...warehouse, names: [...warehouse.names, 'staging_7'] } },
  },
  { name: 'a lost row', rule: 'no row is lost or doubled', world: withRows({ rows: 29 }) },
  { name: 'a doubled row', rule: 'no row is lost or doubled', world: withRows({ rows: 31 }) },
  {
    name: 'another content of as many rows',
    rule: 'the checksum is that of the rows',
    world: withRows({ checksum: '0' }),
  },
  {
    name: 'an export that is there twice',
    rule: 'an export is there once',
    world: { warehouse: { ...warehouse, exports: [...warehouse.exports, ...warehouse.exports.slice(0, 1)] } },
  },
  {
    name: 'a job under two exports',
    rule: 'a job is landed under one export',
    world: {
      warehouse: {
        ...warehouse,
        exports: warehouse.exports.map((row) => ({ ...row, jobId: 'job-net_arr' })),
      },
    },
  },
  {
    name: 'a file of another length',
    rule: 'what was downloaded is Clari’s file',
    world: withReceipt({ raw: { bytes: 899, sha256: 'aa' } }),
  },
  {
    name: 'a file of another content',
    rule: 'what was downloaded is Clari’s file',
    world: withReceipt({ raw: { bytes: 900, sha256: 'ab' } }),
  },
  {
    name: 'a receipt that counts otherwise',
    rule: 'a receipt counts what is there',
    world: withReceipt({
      tables: (JSON.parse(warehouse.exports[0]?.receipt ?? '') as Receipt).tables.map((table) => ({
        ...table,
        landed: table.landed + 1,
      })),
    }),
  },
  {
    name: 'a truncated file that is called complete',
    rule: 'a truncated export is marked',
    world: { clari: { ...clari, jobs: clari.jobs.map((job) => ({ ...job, truncated: true })) } },
  },
  {
    name: 'a receipt of another request',
    rule: 'an export has the job that it asked for',
    world: withReceipt({ request: runOf('renewals').request }),
  },
  {
    name: 'a receipt of another export',
    rule: 'a receipt is that of its row',
    world: {
      warehouse: {
        ...warehouse,
        exports: warehouse.exports.map((row) => ({ ...row, receipt: row.receipt.replace('-1"', '-2"') })),
      },
    },
  },
  {
    name: 'a completed run of which nothing is there',
    rule: 'a completed run has landed',
    world: {
      warehouse: {
        ...warehouse,
        exports: warehouse.exports.slice(1),
        rows: warehouse.rows.filter((row) => row.exportId !== netArr.exportId),
      },
    },
  },
  {
    name: 'a row that is of another load than the run’s',
    rule: 'the receipt of a run is the row of its export',
    world: withReceipt({ loadId: 'another' }),
  },
  {
    name: 'a row that is of another landing than the only run’s',
    rule: 'the receipt of a run is the row of its export',
    world: withReceipt({ landedAt: '2027-05-03T07:00:00.000Z' }),
  },
  {
    name: 'equal files with unequal rows',
    rule: 'equal files give equal rows',
    world: { clari: { ...clari, jobs: clari.jobs.map((job) => ({ ...job, what: 'the same' })) } },
  },
  {
    name: 'equal parts of split exports with unequal rows',
    rule: 'equal files give equal rows',
    world: splitTwice(),
  },
  {
    name: 'a run that goes on',
    rule: 'every run ends',
    world: { runs: [runOf('net_arr', { status: 'RUNNING', receipt: null })] },
  },
  {
    name: 'a run that was out of time',
    rule: 'every run ends',
    world: { runs: [runOf('net_arr', { status: 'TIMED_OUT', receipt: null })] },
  },
  {
    name: 'a cancelled run that nobody cancelled',
    rule: 'a run ends as it was told to',
    world: { runs: [runOf('net_arr', { status: 'CANCELLED', receipt: null })] },
  },
  {
    name: 'a terminated run that nobody terminated',
    rule: 'a run ends as it was told to',
    world: { runs: [runOf('net_arr', { status: 'TERMINATED', receipt: null })] },
  },
  {
    name: 'a run that failed of something to be survived',
    rule: 'no run fails of what it has to survive',
    world: failed('LoadSuperseded'),
  },
  { name: 'a run that failed of a bug', rule: 'no run fails of what it has to survive', world: failed('TypeError') },
  {
    name: 'a run that failed of its job, which is done',
    rule: 'no run fails of what it has to survive',
    world: failed('ExportFailed'),
  },
  {
    name: 'a run that failed of a file that was damaged once',
    rule: 'no run fails of what it has to survive',
    world: { ...failed('FileMalformed'), clari: { ...clari, jobs: clari.jobs.map((job) => ({ ...job, damaged: 1 })) } },
  },
  {
    name: 'a run that failed of a truncation, and none was',
    rule: 'no run fails of what it has to survive',
    world: failed('ExportTruncated'),
  },
  {
    name: 'a run whose POST was lost to nothing',
    rule: 'no run fails of what it has to survive',
    world: undecided([]),
  },
  {
    name: 'a run whose POST was lost long after something was wrong',
    rule: 'no run fails of what it has to survive',
    world: undecided([{ from: POSTED - 90_000, to: POSTED - 60_000 }]),
  },
  {
    name: 'an export that was published after its only run was cancelled',
    rule: 'a run that has ended publishes nothing afterwards',
    world: cancelled(2_001),
  },
  {
    name: 'an export that was published after its only run had failed',
    rule: 'a run that has ended publishes nothing afterwards',
    world: { ...cancelled(2_001), runs: [runOf('net_arr', { status: 'FAILED', receipt: null }), runOf('renewals')] },
  },
  {
    name: 'a bench in which nothing lands',
    rule: 'the bench lands exports',
    world: { runs: [runOf('net_arr', { status: 'CANCELLED', receipt: null })] },
  },
  {
    name: 'a bench in which little lands',
    rule: 'the bench lands exports',
    world: { runs: [runOf('net_arr'), ...['a', 'b'].map((runId) => runOf('renewals', { runId, status: 'FAILED' }))] },
  },
  {
    name: 'a part of a split export that no export has',
    rule: 'an export spends one job',
    world: { ...split(), ledger },
  },
  {
    name: 'a lost row of a split export that its receipt calls joined',
    rule: 'no row is lost or doubled',
    world: split({ lost: 29 }),
  },
  {
    name: 'a split export whose receipt joins more than is there',
    rule: 'a receipt counts what is there',
    world: split({ joined: 2 }),
  },
  {
    name: 'a split export with a truncated part that is called complete',
    rule: 'a truncated export is marked',
    world: split({ truncated: true }),
  },
  { name: 'bytes in staging', rule: 'nothing is left in staging', world: { staged: ['runs/1/raw'] } },
  {
    name: 'a value outside',
    rule: 'nothing private is outside',
    world: { leaks: [{ where: 'histories', values: ['Somebody'] }] },
  },
  { name: 'a plan that could not be carried out', rule: 'the bench works', world: { broken: ['kill'] } },
];

describe('the checker of the chaos bench', () => {
  test('finds nothing in a sound world', () => {
    expect(check(sound.evidence())).toEqual({
      violations: [],
      excess: 0,
      unknowable: 0,
      second: 0,
      undecided: 0,
      rowsLost: 0,
      rowsDoubled: 0,
    });
  });

  test.each(violations)('sees $name', ({ rule, world }) => {
    expect(check(sound.evidence(world)).violations.map((one) => one.rule)).toContain(rule);
  });

  test('counts lost and doubled rows, and second jobs', () => {
    expect(check(sound.evidence(withRows({ rows: 27 })))).toMatchObject({ rowsLost: 3, rowsDoubled: 0 });
    expect(check(sound.evidence(withRows({ rows: 32 })))).toMatchObject({ rowsLost: 0, rowsDoubled: 2 });
    const jobs = [...clari.jobs, jobOf('net_arr', { jobId: 'stray' })];
    expect(check(sound.evidence({ clari: { ...clari, jobs } }))).toMatchObject({ second: 1, excess: 0, unknowable: 0 });
  });

  test('counts jobs of a request that was delivered twice apart', () => {
    const jobs = [...clari.jobs, jobOf('net_arr', { jobId: 'twin' })];
    for (const delivered of [[['job-net_arr', 'twin']], [['twin', 'job-net_arr']]] as const) {
      expect(check(sound.evidence({ clari: { ...clari, jobs, delivered } }))).toMatchObject({
        violations: [],
        excess: 1,
        second: 0,
      });
    }
  });

  test('counts a job of unknown outcome apart', () => {
    const jobs = [...clari.jobs, jobOf('net_arr', { jobId: 'stray' })];
    const entries = [...ledger.entries, entryOf('net_arr', { exportId: 'x', jobId: null, intent })];
    const world = { clari: { ...clari, jobs }, ledger: { ...ledger, entries } };
    expect(check(sound.evidence(world))).toMatchObject({ violations: [], unknowable: 1, second: 0 });
  });

  test('lets runs end as they were told to, and of what happened to their job', () => {
    const ended = (status: string) => [
      ...runs,
      runOf('renewals', { workflowId: 'w', runId: 'r', status, receipt: null }),
    ];
    for (const [does, status] of [
      ['cancel', 'CANCELLED'],
      ['terminate', 'TERMINATED'],
      ['reset', 'TERMINATED'],
    ] as const) {
      const world = { runs: ended(status), interventions: [{ workflowId: 'w', does }] };
      expect(check(sound.evidence(world)).violations).toEqual([]);
    }
    const jobs = [...clari.jobs.slice(0, 1), jobOf('renewals', { state: 'failed' })];
    expect(check(sound.evidence({ ...failed('ExportFailed'), clari: { ...clari, jobs } })).violations).toEqual([]);
  });

  test('takes a split export for whole, and counts what its parts have in common once', () => {
    expect(check(sound.evidence(split())).violations).toEqual([]);
  });

  test.each([
    ['one of each key', 'forecast_entries', ['a b', 'b c'], 3],
    ['all of a key that a file has twice', 'forecast_entries', ['a b b', 'b c'], 5],
    ['all without a key', 'forecast_entries', ['a - -', 'a -'], 4],
    ['those of the newest file that has the key', 'forecast_users', ['a a b', 'b b', 'c -'], 6],
  ])('takes for the rows of a split export %s', (_what, table, parts, rows) => {
    const files = parts.map((part) => ({
      ...fileOf(0, '', {}),
      keys: () => part.split(' ').map((key) => (key === '-' ? null : key)),
    }));
    expect(splitRows(table, files)).toBe(rows);
  });

  test('counts the lost rows of a split export', () => {
    expect(check(sound.evidence(split({ lost: 29 })))).toMatchObject({ rowsLost: 29, rowsDoubled: 0 });
  });

  test('lets a run end whose POST was lost to something, counted apart', () => {
    for (const world of [
      undecided([{ from: POSTED - 5_000, to: POSTED - 1_000 }]),
      undecided([{ from: POSTED + 10_000, to: POSTED + 10_000 }]),
      undecided([], [POSTED + 500]),
    ])
      expect(check(sound.evidence(world))).toMatchObject({ violations: [], undecided: 1 });
  });

  test('lets an export be seen whose run was cancelled after its COMMIT', () => {
    expect(check(sound.evidence(cancelled(2_000))).violations).toEqual([]);
  });

  test('lets the parts of an export take the place of what was truncated, and of nothing that was complete', () => {
    const parts = split();
    const whole = runOf('net_arr', { runId: 'whole' });
    const before = whole.receipt && { ...whole.receipt, landedAt: '2027-05-03T06:00:00.000Z' };
    const rulesOf = (complete: boolean): string[] => {
      const first = { ...whole, receipt: before && { ...before, complete } };
      return check(sound.evidence({ ...parts, runs: [...(parts.runs ?? []), first] })).violations.map(
        ({ rule }) => rule,
      );
    };
    expect(rulesOf(false)).toEqual([]);
    expect(rulesOf(true)).toEqual(['the receipt of a run is the row of its export']);
  });

  test('lets runs share one landing', () => {
    const [first, second] = [runOf('net_arr'), runOf('net_arr', { runId: 'second' })];
    const later = second.receipt && { ...second.receipt, landedAt: '2027-05-03T07:00:00.000Z' };
    const shared = [first, { ...second, receipt: later }, runOf('renewals')];
    expect(check(sound.evidence({ runs: shared })).violations).toEqual([]);
  });
});
