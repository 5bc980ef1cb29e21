import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDuckDbDestination } from '../../src/destinations/duckdb/duckdb-destination.js';
import type { Destination, LandedTable, LoadAttempt, LoadSession } from '../../src/destinations/port.js';
import { LoaderProcess } from './loader-process.js';
import { read, receiptFor, stagedTables, temporaryFolder } from './loads.js';

const { signal } = new AbortController();
const DAY_MS = 24 * 60 * 60_000;
const load: LoadAttempt = { exportId: 'export-1', loadId: 'load-1', runId: 'late' };
const successor: LoadAttempt = { ...load, runId: 'successor' };

describe('a run that is closed in a DuckDB destination', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;
  let destination: Destination;
  let late: LoaderProcess;

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'warehouse.duckdb');
    destination = createDuckDbDestination({ path: file, memoryLimitMb: 128, waitMs: 0 });
    late = new LoaderProcess(file);
  });

  afterEach(async () => {
    await late.kill();
    await folder.remove();
  });

  const staged = async () => {
    const [table] = await stagedTables(join(folder.path, 'staged'), { forecast_entries: [{ user_id: 'u1' }] });
    if (!table) throw new Error('no entries');
    return table;
  };
  const publish = async (session: LoadSession, landed: LandedTable): Promise<void> => {
    await session.publish(receiptFor(load, [landed]));
    await session.close();
  };
  const land = async (attempt: LoadAttempt): Promise<void> => {
    const session = await destination.prepare(attempt, signal);
    await publish(session, await session.stage(await staged()));
  };
  const exports = (): Promise<unknown[][]> => read(file, 'SELECT export_id FROM exports');
  const refused = { ok: false, type: 'LoadSuperseded' };

  it('publishes nothing that it has staged, though it holds the database while it is closed', async () => {
    await late.tell({ do: 'prepare', load });
    const { landed } = (await late.tell({ do: 'stage', table: await staged() })) as { landed: LandedTable };
    late.signal('SIGSTOP');
    await destination.closeRun(load.runId);
    late.signal('SIGCONT');
    const answer = await late.tell({ do: 'publish', receipt: receiptFor(load, [landed]) });
    expect(answer).toMatchObject({ ...refused, message: expect.stringContaining('Run late has ended') as string });
    expect(await exports()).toEqual([]);
    await land(successor);
    expect(await exports()).toEqual([['export-1']]);
  });

  it('takes nothing from another run that lands the same export', async () => {
    const session = await destination.prepare(successor, signal);
    await destination.closeRun(load.runId);
    expect(await late.tell({ do: 'prepare', load })).toMatchObject(refused);
    await publish(session, await session.stage(await staged()));
    expect(await exports()).toEqual([['export-1']]);
  });

  it('keeps what it had published', async () => {
    await land(load);
    await destination.closeRun(load.runId);
    expect(await destination.published(load)).toEqual(expect.objectContaining({ exportId: 'export-1' }));
    expect(await exports()).toEqual([['export-1']]);
  });

  it('makes no database where there is none, and no folder', async () => {
    await destination.closeRun(load.runId);
    expect(await readdir(folder.path)).toEqual(['warehouse.duckdb.closed']);
    const nowhere = createDuckDbDestination({ path: join(folder.path, 'nowhere', 'w.duckdb') });
    await nowhere.closeRun(load.runId);
    expect(await readdir(folder.path)).toEqual(['warehouse.duckdb.closed']);
  });

  it('is forgotten after a month, by the next that is closed', async () => {
    const notes = `${file}.closed`;
    for (const runId of ['../old', 'young']) await destination.closeRun(runId);
    const [old = ''] = (await readdir(notes)).filter((name) => name.includes('old'));
    await utimes(join(notes, old), new Date(), new Date(Date.now() - 31 * DAY_MS));
    await destination.closeRun('last');
    expect((await readdir(notes)).sort()).toEqual(['run-last', 'run-young']);
  });
});
