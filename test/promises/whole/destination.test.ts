import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDuckDbDestination } from '../../../src/destinations/duckdb/duckdb-destination.js';
import type {
  Destination,
  LandedTable,
  LoadAttempt,
  LoadSession,
  StagedTable,
} from '../../../src/destinations/port.js';
import {
  read,
  receiptFor,
  stagedTables,
  temporaryFolder,
  type ReceiptChanges,
  type Row,
} from '../../destinations/loads.js';
import { LoaderProcess, type LoaderOptions } from '../../destinations/loader-process.js';

const never = new AbortController().signal;
const load: LoadAttempt = { exportId: 'export-1', loadId: 'load-1', runId: 'run-1' };

const entry = (user: string, value: string | null): Row => ({
  time_period_id: '2027_Q2',
  time_frame_id: 'TF:2026-10-07',
  user_id: user,
  field_id: 'fc_commit',
  forecast_value: value,
});

const seen = 'SELECT export_id, user_id, forecast_value FROM forecast_entries ORDER BY ALL';

async function stageAll(session: LoadSession, tables: readonly StagedTable[]): Promise<LandedTable[]> {
  const landed: LandedTable[] = [];
  for (const table of tables) landed.push(await session.stage(table));
  return landed;
}

describe('whole: the destination', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;
  let destination: Destination;
  let processes: LoaderProcess[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'warehouse.duckdb');
    destination = createDuckDbDestination({ path: file, memoryLimitMb: 128, waitMs: 0 });
    processes = [];
  });

  afterEach(async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await folder.remove();
  });

  function another(options: LoaderOptions = {}): LoaderProcess {
    const process = new LoaderProcess(file, options);
    processes.push(process);
    return process;
  }

  function files(name: string, entries: readonly Row[]): Promise<StagedTable[]> {
    return stagedTables(join(folder.path, name), {
      forecast_entries: entries,
      forecast_users: [{ user_id: 'u1', name: 'Zoë 👩‍👩‍👧' }],
    });
  }

  async function land(
    identity: LoadAttempt,
    tables: readonly StagedTable[],
    changes: ReceiptChanges = {},
  ): Promise<LandedTable[]> {
    const session = await destination.prepare(identity, never);
    const landed = await stageAll(session, tables);
    await session.publish(receiptFor(identity, landed, changes));
    await session.close();
    return landed;
  }

  it('counts and sums what it holds as staging did, for nasty texts and exact decimals', async () => {
    const tables = await files('a', [
      entry('Zoe\u0308 "x", \\n', '99999999999999999999999999999.999999999'),
      entry('👩‍👩‍👧', '-0.000000001'),
      entry('', null),
    ]);
    const landed = await land(load, tables);
    expect(landed).toMatchObject(tables.map(({ table, rows, checksum }) => ({ table, rows, checksum })));
    expect(await read(file, seen)).toEqual([
      ['export-1', '', null],
      ['export-1', 'Zoe\u0308 "x", \\n', '99999999999999999999999999999.999999999'],
      ['export-1', '👩‍👩‍👧', '-0.000000001'],
    ]);
  });

  it('knows the receipt after publishing and none before', async () => {
    expect(await destination.published(load)).toBeUndefined();
    const session = await destination.prepare(load, never);
    expect(await destination.published(load)).toBeUndefined();
    const landed = await stageAll(session, await files('a', [entry('u1', '1')]));
    const receipt = receiptFor(load, landed);
    await session.publish(receipt);
    expect(await destination.published(load)).toEqual(receipt);
    expect(await destination.published({ ...load, loadId: 'load-2' })).toBeUndefined();
    expect(await destination.published({ ...load, exportId: 'export-2' })).toBeUndefined();
    expect(await read(file, 'SELECT export_id, row_count, types_to_export, captured_at FROM exports')).toEqual([
      ['export-1', '2', 'forecast,quota', '2026-05-04 05:00:01'],
    ]);
  });

  it('lands exactly one copy when the same load is repeated', async () => {
    const tables = await files('a', [entry('u1', '1'), entry('u1', '1'), entry('u2', '2')]);
    await land(load, tables);
    await land(load, tables);
    expect(await read(file, seen)).toHaveLength(3);
    expect(await read(file, 'SELECT count(*)::INTEGER FROM exports')).toEqual([[1]]);
  });

  it('replaces an earlier copy of the same export by other content, table by table', async () => {
    await land(load, await files('a', [entry('u1', '1'), entry('u2', '2')]));
    const [entries] = await files('b', [entry('u1', '7')]);
    if (entries === undefined) throw new Error('no entries');
    await land({ ...load, loadId: 'load-2' }, [entries]);
    expect(await read(file, seen)).toEqual([['export-1', 'u1', '7.000000000']]);
    expect(await read(file, 'SELECT count(*)::INTEGER FROM forecast_users')).toEqual([[0]]);
    expect(await read(file, 'SELECT load_id FROM exports')).toEqual([['load-2']]);
  });

  it('never touches the snapshots of other exports, even when a newer file lacks rows', async () => {
    await land(load, await files('a', [entry('u1', '1'), entry('u2', '2')]));
    await land({ ...load, exportId: 'export-2', loadId: 'load-2' }, await files('b', [entry('u1', '7')]));
    expect(await read(file, seen)).toEqual([
      ['export-1', 'u1', '1.000000000'],
      ['export-1', 'u2', '2.000000000'],
      ['export-2', 'u1', '7.000000000'],
    ]);
  });

  it.each([
    ['of another version of DuckDB', () => ({ fingerprint: '1' })],
    ['of a worker that made none', () => ({})],
  ])('lands what has the right checksum and a fingerprint %s', async (_whose, fingerprint) => {
    const staged = (await files('a', [entry('u1', '1')])).map(({ fingerprint: _, ...table }) => ({
      ...table,
      ...fingerprint(),
    }));
    const landed = await land(load, staged);
    expect(landed.map(({ checksum }) => checksum)).toEqual(staged.map(({ checksum }) => checksum));
  });

  it('lands empty tables as none', async () => {
    const landed = await land(load, await stagedTables(join(folder.path, 'a'), {}));
    expect(landed.map(({ rows, checksum }) => [rows, checksum])).toEqual(landed.map(() => [0, '0']));
    expect((await destination.published(load))?.exportId).toBe('export-1');
  });

  it.each([
    ['fewer rows than were staged', (table: StagedTable) => ({ ...table, rows: table.rows + 1 })],
    ['other content than was staged', (table: StagedTable) => ({ ...table, checksum: '1', fingerprint: '1' })],
  ])('publishes nothing of %s', async (_what, spoil) => {
    const before = await files('a', [entry('u1', '1')]);
    await land(load, before);
    const session = await destination.prepare(load, never);
    const landed = await stageAll(session, (await files('b', [entry('u2', '2')])).map(spoil));
    await expect(session.publish(receiptFor(load, landed))).rejects.toMatchObject({ type: 'CountsDisagree' });
    expect(await read(file, seen)).toEqual([['export-1', 'u1', '1.000000000']]);
  });

  it.each<[string, (landed: LandedTable[]) => ReturnType<typeof receiptFor>]>([
    [
      'counts other rows',
      (landed) =>
        receiptFor(
          load,
          landed.map((table) => ({ ...table, rows: table.rows + 1 })),
        ),
    ],
    [
      'has another checksum',
      (landed) =>
        receiptFor(
          load,
          landed.map((table) => ({ ...table, checksum: '5' })),
        ),
    ],
    ['leaves out a table', (landed) => receiptFor(load, landed.slice(1))],
    ['belongs to another load', (landed) => receiptFor({ ...load, loadId: 'load-9' }, landed)],
  ])('refuses a receipt that %s', async (_what, receiptOf) => {
    const session = await destination.prepare(load, never);
    const landed = await stageAll(session, await files('a', [entry('u1', '1')]));
    await expect(session.publish(receiptOf(landed))).rejects.toMatchObject({ type: 'CountsDisagree' });
    expect(await destination.published(load)).toBeUndefined();
    expect(await read(file, seen)).toEqual([]);
  });

  it('refuses a receipt that speaks of a table that was not staged', async () => {
    const tables = await files('a', [entry('u1', '1')]);
    const session = await destination.prepare(load, never);
    const landed = await stageAll(session, tables.slice(1));
    const first = tables[0];
    if (first === undefined) throw new Error('no entries');
    const receipt = receiptFor(load, [first, ...landed]);
    await expect(session.publish(receipt)).rejects.toMatchObject({ type: 'CountsDisagree' });
  });

  it('says when it was published, and not when its load began', async () => {
    const session = await destination.prepare(load, never);
    const landed = await stageAll(session, await files('a', [entry('u1', '1')]));
    const before = Date.now();
    await session.publish(receiptFor(load, landed));
    const [[at] = []] = await read(file, 'SELECT epoch_ms(published_at)::DOUBLE FROM clari_loads');
    expect(Number(at)).toBeGreaterThanOrEqual(before);
    expect(Number(at)).toBeLessThanOrEqual(Date.now());
  });

  it('shows nothing of a session that was closed before it published', async () => {
    const session = await destination.prepare(load, never);
    await stageAll(session, await files('a', [entry('u1', '1')]));
    await session.close();
    await session.close();
    expect(await read(file, seen)).toEqual([]);
    await expect(session.publish(receiptFor(load, []))).rejects.toThrow('has ended');
  });

  it('does not let an attempt publish that a later one has overtaken (fault 5)', async () => {
    const early = await destination.prepare(load, never);
    await land(load, await files('b', [entry('u2', '2')]), { jobId: 'job-of-the-later' });
    const [late] = await files('a', [entry('u1', '1')]);
    if (late === undefined) throw new Error('no entries');
    await expect(early.stage(late)).rejects.toMatchObject({ type: 'LoadSuperseded' });
    await expect(early.publish(receiptFor(load, []))).rejects.toThrow('has ended');
    expect(await read(file, seen)).toEqual([['export-1', 'u2', '2.000000000']]);
    expect((await destination.published(load))?.jobId).toBe('job-of-the-later');
  });

  it('does not let an overtaken attempt publish an empty export over the later one', async () => {
    const early = await destination.prepare(load, never);
    await land(load, await files('b', [entry('u2', '2')]));
    await expect(early.publish(receiptFor(load, []))).rejects.toMatchObject({ type: 'LoadSuperseded' });
    expect(await read(file, seen)).toHaveLength(1);
  });

  it('fences another load of the same export as well', async () => {
    const early = await destination.prepare(load, never);
    await land({ ...load, loadId: 'load-2' }, await files('b', [entry('u2', '2')]));
    await expect(early.publish(receiptFor(load, []))).rejects.toMatchObject({ type: 'LoadSuperseded' });
  });

  it('refuses a process that was paused between preparing and staging, and was overtaken', async () => {
    const paused = another();
    expect(await paused.tell({ do: 'prepare', load })).toEqual({ ok: true });
    paused.signal('SIGSTOP');
    await land(load, await files('b', [entry('u2', '2')]));
    paused.signal('SIGCONT');
    const [table] = await files('a', [entry('u1', '1')]);
    if (table === undefined) throw new Error('no entries');
    expect(await paused.tell({ do: 'stage', table })).toMatchObject({ ok: false, type: 'LoadSuperseded' });
    expect(await read(file, seen)).toEqual([['export-1', 'u2', '2.000000000']]);
  });

  it('lets a process that was paused in the middle of its load finish, and its successor sees the marker', async () => {
    const tables = await files('a', [entry('u1', '1')]);
    const paused = another();
    await paused.tell({ do: 'prepare', load });
    for (const table of tables) expect((await paused.tell({ do: 'stage', table })).ok).toBe(true);
    paused.signal('SIGSTOP');
    await expect(destination.prepare(load, never)).rejects.toMatchObject({
      type: 'DestinationBusy',
      retryAfterMs: 5000,
    });
    paused.signal('SIGCONT');
    expect(await paused.tell({ do: 'publish', receipt: receiptFor(load, tables) })).toEqual({ ok: true });
    expect((await destination.published(load))?.loadId).toBe('load-1');
  });

  const partsOf = (...jobIds: string[]): ReceiptChanges => ({
    parts: jobIds.map((jobId) => ({
      ...{ type: 'quota', jobId, capturedAt: '2026-05-04T05:00:01Z', complete: true, rows: 1, sha256: 'aa' },
    })),
  });

  it.each([
    ['a part whose job has landed alone', { jobId: 'shared' }, partsOf('own', 'shared')],
    ['a part that another split export has', partsOf('shared'), partsOf('own', 'shared')],
    ['a job that is a part of a split export', partsOf('own', 'shared'), { jobId: 'shared' }],
    ['a job that has landed as another export', { jobId: 'shared' }, { jobId: 'shared' }],
  ] as const)('refuses %s', async (_what, before, now) => {
    const tables = await files('a', [entry('u1', '1')]);
    const first = { ...load, exportId: 'export-0', loadId: 'load-0' };
    await land(first, tables, before);
    await expect(land(load, tables, now)).rejects.toMatchObject({
      type: 'LoadSuperseded',
      message: expect.stringContaining('Job shared has meanwhile landed as export export-0') as string,
    });
    await land(first, tables, before);
    expect(await read(file, 'SELECT export_id FROM exports')).toEqual([['export-0']]);
  });

  it('shows nothing of a process that was killed between staging and publishing; the next load works', async () => {
    await land({ ...load, exportId: 'export-0', loadId: 'load-0' }, await files('z', [entry('u0', '0')]));
    const doomed = another();
    await doomed.tell({ do: 'prepare', load });
    const tables = await files('a', [entry('u1', '1')]);
    for (const table of tables) expect((await doomed.tell({ do: 'stage', table })).ok).toBe(true);
    await doomed.kill();
    expect(await destination.published(load)).toBeUndefined();
    expect(await read(file, seen)).toEqual([['export-0', 'u0', '0.000000000']]);
    await land(load, tables);
    expect(await read(file, seen)).toHaveLength(2);
  });

  it('keeps what a process published before it was killed', async () => {
    const doomed = another();
    await doomed.tell({ do: 'prepare', load });
    const tables = await files('a', [entry('u1', '1')]);
    for (const table of tables) await doomed.tell({ do: 'stage', table });
    expect(await doomed.tell({ do: 'publish', receipt: receiptFor(load, tables) })).toEqual({ ok: true });
    await doomed.kill();
    expect((await destination.published(load))?.exportId).toBe('export-1');
    expect(await read(file, seen)).toHaveLength(1);
  });

  it('lets a reader in another process see the old state or the new one', async () => {
    await land(load, await files('a', [entry('u1', '1')]));
    const reader = another();
    const session = await destination.prepare(load, never);
    expect(await reader.tell({ do: 'read', sql: seen })).toEqual({
      ok: true,
      rows: [['export-1', 'u1', '1.000000000']],
    });
    await reader.tell({ do: 'stop reading' });
    const landed = await stageAll(session, await files('b', [entry('u2', '2')]));
    // While rows are on their way in, a reader is turned away rather than shown some of them.
    expect(await reader.tell({ do: 'read', sql: seen })).toMatchObject({ ok: false });
    await session.publish(receiptFor(load, landed));
    expect(await reader.tell({ do: 'read', sql: seen })).toEqual({
      ok: true,
      rows: [['export-1', 'u2', '2.000000000']],
    });
  });

  it('publishes nothing when the disk is full, and goes on when there is space (fault 15)', async () => {
    await land({ ...load, exportId: 'export-0', loadId: 'load-0' }, await files('z', [entry('u0', '0')]));
    const tables = await files(
      'a',
      Array.from({ length: 300 }, (_, index) => entry(`${index}-${'x'.repeat(9000)}${index}`, '1')),
    );
    const cramped = another({ limitKb: 2_600 });
    await cramped.tell({ do: 'prepare', load });
    let failed: unknown;
    for (const table of tables) {
      const answer = await cramped.tell({ do: 'stage', table });
      if (!answer.ok) failed ??= answer;
    }
    const answer = await cramped.tell({ do: 'publish', receipt: receiptFor(load, tables) });
    failed ??= answer;
    expect(failed).toMatchObject({ ok: false, type: 'DestinationUnavailable' });
    await cramped.kill();
    expect(await destination.published(load)).toBeUndefined();
    expect(await read(file, seen)).toEqual([['export-0', 'u0', '0.000000000']]);
    await land(load, tables);
    expect(await read(file, seen)).toHaveLength(301);
  });

  it('lands one copy when one load is sent twice at once in one process (fault 19)', async () => {
    const tables = await files('a', [entry('u1', '1'), entry('u2', '2')]);
    const outcomes = await Promise.allSettled([land(load, tables), land(load, tables)]);
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ type: 'LoadSuperseded' });
    }
    expect(await read(file, seen)).toHaveLength(2);
  });
});
