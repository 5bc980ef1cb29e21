import { copyFile, mkdir, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDuckDbDestination } from '../../../src/destinations/duckdb/duckdb-destination.js';
import type { Destination, LandedTable, LoadAttempt, StagedTable } from '../../../src/destinations/port.js';
import { read, receiptFor, stagedTables, temporaryFolder } from '../../destinations/loads.js';
import { LoaderProcess } from '../../destinations/loader-process.js';

/* A load that is cut at its COMMIT, or comes twice: what a reader sees is all of it, once, or nothing. */

const never = new AbortController().signal;
const load: LoadAttempt = { exportId: 'export-1', loadId: 'load-1', runId: 'run-1' };
const ROWS = 40;

const openAt = (file: string): Destination =>
  createDuckDbDestination({ path: file, memoryLimitMb: 128, waitMs: 30_000 });

async function land(destination: Destination, tables: readonly StagedTable[]): Promise<void> {
  const session = await destination.prepare(load, never);
  const landed: LandedTable[] = [];
  for (const table of tables) landed.push(await session.stage(table));
  await session.publish(receiptFor(load, landed));
  await session.close();
}

/** Rows of each table, and whether the load says that it was published. */
async function seen(file: string): Promise<unknown[]> {
  const [row] = await read(
    file,
    `SELECT (SELECT count(*)::INT FROM forecast_entries), (SELECT count(*)::INT FROM forecast_users),
       (SELECT count(*)::INT FROM exports), (SELECT count(published_at)::INT FROM clari_loads)`,
  );
  return row ?? [];
}
const NOTHING = [0, 0, 0, 0];
const ONE_COPY = [ROWS, 1, 1, 1];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let tables: StagedTable[];
beforeAll(async () => {
  folder = await temporaryFolder();
  tables = await stagedTables(path.join(folder.path, 'staged'), {
    forecast_entries: Array.from({ length: ROWS }, (_, index) => ({ user_id: `u${index}`, forecast_value: '1' })),
    forecast_users: [{ user_id: 'u1' }],
  });
});
afterAll(() => folder.remove());

describe('fault 18: a loader that is killed right after its COMMIT', () => {
  let file: string;
  beforeAll(async () => {
    file = path.join(folder.path, 'committed.duckdb');
    const doomed = new LoaderProcess(file, { crashAt: 'after-commit' });
    expect(await doomed.tell({ do: 'prepare', load })).toEqual({ ok: true });
    for (const table of tables) expect((await doomed.tell({ do: 'stage', table })).ok).toBe(true);
    doomed.send({ do: 'publish', receipt: receiptFor(load, tables) });
    await doomed.died();
  });

  /** The database and so much of its log, as if the disk had no more of it when the power went. */
  async function cutAt(length: number): Promise<string> {
    const here = path.join(folder.path, `cut-${length}`);
    await mkdir(here);
    const copy = path.join(here, 'cut.duckdb');
    await copyFile(file, copy);
    await copyFile(`${file}.wal`, `${copy}.wal`);
    await truncate(`${copy}.wal`, length);
    return copy;
  }

  test('has all of it in the log, from which the next attempt reads that it is done', async () => {
    const copy = await cutAt((await stat(`${file}.wal`)).size);
    expect((await openAt(copy).published(load))?.loadId).toBe('load-1');
    expect(await seen(copy)).toEqual(ONE_COPY);
    await land(openAt(copy), tables);
    expect(await seen(copy)).toEqual(ONE_COPY);
  });

  test('and whose log is cut anywhere, as by a COMMIT that was under way, has published all or nothing', async () => {
    const { length } = await readFile(`${file}.wal`);
    const outcomes = new Set<string>();
    for (let step = 1; step <= 24; step += 1) {
      // Most of it is about the rows; the end, with the COMMIT, in small steps.
      const at = step <= 16 ? Math.floor((length * step) / 17) : length - (24 - step) * 3 - 1;
      const copy = await cutAt(at);
      const found = await seen(copy);
      outcomes.add(JSON.stringify(found));
      expect([JSON.stringify(NOTHING), JSON.stringify(ONE_COPY)], `cut at ${at} of ${length}`).toContain(
        JSON.stringify(found),
      );
      expect((await openAt(copy).published(load)) !== undefined).toBe(found[3] === 1);
      if (step % 4 !== 0) continue;
      await land(openAt(copy), tables);
      expect(await seen(copy)).toEqual(ONE_COPY);
    }
    expect(outcomes).toContain(JSON.stringify(NOTHING));
  });
});

test('fault 17: a load whose statement is interrupted shows nothing, leaves nothing, and can be landed again', async () => {
  const file = path.join(folder.path, 'interrupted.duckdb');
  const destination = openAt(file);
  const many = await stagedTables(path.join(folder.path, 'many'), {
    forecast_entries: Array.from({ length: 300 }, (_, index) => ({ user_id: `u${index}-${'x'.repeat(20_000)}` })),
  });
  for (const [index, table] of many.slice(0, 2).entries()) {
    const controller = new AbortController();
    const session = await destination.prepare(load, controller.signal);
    if (index > 0 && many[0]) await session.stage(many[0]);
    const staging = session.stage(table);
    setImmediate(() => controller.abort(new Error('cancelled')));
    await staging.catch(() => undefined);
    await expect(session.publish(receiptFor(load, many))).rejects.toThrow(/cancelled|has ended/);
    await session.close();
    expect(await seen(file)).toEqual(NOTHING);
  }
  await land(destination, tables);
  expect(await seen(file)).toEqual(ONE_COPY);
});

test('fault 19: a load that two processes send at once lands as one copy, whichever is first', async () => {
  const file = path.join(folder.path, 'twice.duckdb');
  const both = [new LoaderProcess(file), new LoaderProcess(file)] as const;
  const [first, second] = both;
  try {
    for (const order of [both, [second, first]] as const) {
      for (const each of order) expect(await each.tell({ do: 'prepare', load })).toEqual({ ok: true });
      const ends = await Promise.all(order.map((each) => sendAll(each)));
      // The one that prepared first is refused, even where it comes first; the other one may have to come again for that.
      expect(ends[0]).toMatch(/^(LoadSuperseded|DestinationBusy)$/);
      if (ends[1] !== 'published') {
        expect([ends[1], await sendAll(order[1], true)]).toEqual(['DestinationBusy', 'published']);
      }
      expect(await seen(file)).toEqual(ONE_COPY);
    }
  } finally {
    await Promise.all(both.map((each) => each.kill()));
  }

  async function sendAll(loader: LoaderProcess, anew = false): Promise<string> {
    if (anew) await loader.tell({ do: 'prepare', load });
    for (const table of tables) {
      const answer = await loader.tell({ do: 'stage', table });
      if (!answer.ok) return answer.type;
    }
    const answer = await loader.tell({ do: 'publish', receipt: receiptFor(load, tables) });
    return answer.ok ? 'published' : answer.type;
  }
});
