import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDuckDbDestination } from '../../src/destinations/duckdb/duckdb-destination.js';
import type { Destination, LandedTable, LoadAttempt, StagedTable } from '../../src/destinations/port.js';
import { quoteLiteral } from '../../src/duckdb/sql.js';
import { LoaderProcess } from './loader-process.js';
import { read, receiptFor, sql, stagedTables, temporaryFolder } from './loads.js';

const never = new AbortController().signal;
const load: LoadAttempt = { exportId: 'export-1', loadId: 'load-1', runId: 'run-1' };

describe('DuckDB destination', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;
  let destination: Destination;
  let processes: LoaderProcess[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'warehouse.duckdb');
    destination = open(file);
    processes = [];
  });

  afterEach(async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await folder.remove();
  });

  function open(path: string): Destination {
    return createDuckDbDestination({ path, memoryLimitMb: 128, waitMs: 0 });
  }

  function another(): LoaderProcess {
    const process = new LoaderProcess(file);
    processes.push(process);
    return process;
  }

  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

  async function entries(name = 'staged'): Promise<StagedTable> {
    const [table] = await stagedTables(join(folder.path, name), {
      forecast_entries: [{ user_id: 'u1', forecast_value: '1' }],
    });
    if (table === undefined) throw new Error('no entries');
    return table;
  }

  async function land(into: Destination, identity: LoadAttempt, tables: readonly StagedTable[]): Promise<void> {
    const session = await into.prepare(identity, never);
    const landed: LandedTable[] = [];
    for (const table of tables) landed.push(await session.stage(table));
    await session.publish(receiptFor(identity, landed));
  }

  describe('files', () => {
    it('are made for their owner alone, and none but the database and its lock remain', async () => {
      const inside = join(folder.path, 'made', 'here', 'w.duckdb');
      const session = await open(inside).prepare(load, never);
      const landed = await session.stage(await entries());
      expect(await modeOf(join(folder.path, 'made', 'here'))).toBe('700');
      for (const [name, mode] of [
        ['', '600'],
        ['.lock', '600'],
        ['.wal', '600'],
        ['.spill', '700'],
      ]) {
        expect([name, await modeOf(`${inside}${name ?? ''}`)]).toEqual([name, mode]);
      }
      await session.publish(receiptFor(load, [landed]));
      expect((await readdir(join(folder.path, 'made', 'here'))).sort()).toEqual(['w.duckdb', 'w.duckdb.lock']);
    });

    it('are not made by asking what was published', async () => {
      expect(await open(join(folder.path, 'no', 'w.duckdb')).published(load)).toBeUndefined();
      expect(await destination.published(load)).toBeUndefined();
      expect(await readdir(folder.path)).toEqual([]);
    });

    it('have DuckDB 1.3’s format', async () => {
      await destination.check();
      expect(await read(file, 'SELECT tags::VARCHAR FROM duckdb_databases() WHERE path IS NOT NULL')).toEqual([
        ['{storage_version=v1.3.0+}'],
      ]);
    });

    it('are named in the label without their folder', () => {
      expect(destination.label).toBe('duckdb:warehouse.duckdb');
    });
  });

  describe('what has landed', () => {
    const asked = { account: 'account', exportIds: ['export-1', 'export-2'], jobIds: ['job-of-another'] };

    it('is nothing where there is no database, or no table yet', async () => {
      expect(await destination.landed(asked)).toEqual([]);
      await sql(['CREATE TABLE theirs (a INT)'], file);
      expect(await destination.landed(asked)).toEqual([]);
    });

    it('is told by export and by job, of one account', async () => {
      const session = await destination.prepare(load, never);
      const receipt = receiptFor(load, [await session.stage(await entries())]);
      await session.publish(receipt);
      await session.close();
      const { account, jobId, asOf, scheduledAt } = receipt;
      const one = { exportId: 'export-1', jobId, asOf, scheduledAt, partJobIds: [] };
      expect(await destination.landed({ ...asked, account })).toEqual([one]);
      expect(await destination.landed({ account, exportIds: [], jobIds: [jobId] })).toEqual([one]);
      expect(await destination.landed({ account, exportIds: [], jobIds: [] })).toEqual([]);
      expect(await destination.landed({ ...asked, account: 'another' })).toEqual([]);
    });

    it('is told by the job of a part too, with the job that was truncated', async () => {
      const session = await destination.prepare(load, never);
      const part = { capturedAt: '2026-05-04T05:00:01Z', complete: true, rows: 1, sha256: 'aa' };
      const parts = [
        { ...part, type: 'forecast', jobId: 'job-of-forecast' },
        { ...part, type: 'quota', jobId: 'job-of-quota' },
      ] as const;
      const receipt = receiptFor(load, [await session.stage(await entries())], { parts });
      await session.publish(receipt);
      await session.close();
      const { account, jobId } = receipt;
      const one = { exportId: 'export-1', jobId, partJobIds: ['job-of-forecast', 'job-of-quota'] };
      expect(await destination.landed({ account, exportIds: [], jobIds: ['job-of-quota'] })).toMatchObject([one]);
    });
  });

  describe('options', () => {
    it.each([
      { path: '' },
      { path: ':memory:' },
      { path: 'a\0b' },
      { path: 'a', memoryLimitMb: 64 },
      { path: 'a', threads: 0 },
      { path: 'a', threads: 1.5 },
      { path: 'a', waitMs: -1 },
    ])('are refused out of bounds: %j', (options) => {
      expect(() => createDuckDbDestination(options)).toThrow(expect.objectContaining({ type: 'ConfigurationInvalid' }));
    });
  });

  describe('locks', () => {
    it('let loads in one process wait for each other, whatever the path is called', async () => {
      await destination.check();
      await mkdir(join(folder.path, 'real'));
      await symlink(folder.path, join(folder.path, 'real', 'linked-folder'));
      await symlink(file, join(folder.path, 'linked.duckdb'));
      const paths = [
        file,
        join(folder.path, 'real', 'linked-folder', 'warehouse.duckdb'),
        join(folder.path, 'linked.duckdb'),
      ];
      const table = await entries();
      await Promise.all(
        paths.map((path, index) =>
          land(open(path), { exportId: `export-${index}`, loadId: `load-${index}`, runId: 'run-1' }, [table]),
        ),
      );
      expect(await read(file, 'SELECT export_id FROM forecast_entries ORDER BY 1')).toEqual([
        ['export-0'],
        ['export-1'],
        ['export-2'],
      ]);
      expect((await readdir(folder.path)).filter((name) => name.endsWith('.lock'))).toEqual(['warehouse.duckdb.lock']);
    });

    it('follow a link to a file that is still to be made', async () => {
      const link = join(folder.path, 'early.duckdb');
      await symlink(file, link);
      await land(open(link), load, [await entries()]);
      expect((await destination.published(load))?.loadId).toBe('load-1');
    });

    it('queue in a process until the signal aborts, and go on for those behind', async () => {
      const first = await destination.prepare(load, never);
      const landed = await first.stage(await entries());
      const controller = new AbortController();
      const gaveUp = open(file).prepare({ ...load, exportId: 'export-2', loadId: 'load-2' }, controller.signal);
      const behind = open(file).prepare({ ...load, exportId: 'export-3', loadId: 'load-3' }, never);
      controller.abort(new Error('enough'));
      await expect(gaveUp).rejects.toThrow('enough');
      await first.publish(receiptFor(load, [landed]));
      await (await behind).close();
      expect(await read(file, 'SELECT load_id FROM clari_loads ORDER BY 1')).toEqual([['load-1'], ['load-3']]);
    });

    it('of another process are named by its PID', async () => {
      const holder = another();
      await holder.tell({ do: 'prepare', load });
      expect((await holder.tell({ do: 'stage', table: await entries() })).ok).toBe(true);
      for (const attempt of [
        () => destination.prepare(load, never),
        () => destination.check(),
        () => destination.published(load),
      ]) {
        await expect(attempt()).rejects.toMatchObject({
          type: 'DestinationBusy',
          retryAfterMs: 5000,
          message: expect.stringContaining(`PID ${holder.pid}`) as string,
        });
      }
      await holder.tell({ do: 'close' });
      await destination.check();
    });

    it('outlast a pause of the holder and end with it', async () => {
      const holder = another();
      await holder.tell({ do: 'prepare', load });
      await holder.tell({ do: 'stage', table: await entries() });
      holder.signal('SIGSTOP');
      await expect(destination.check()).rejects.toMatchObject({ type: 'DestinationBusy' });
      await holder.kill();
      await destination.check();
    });

    it('of a reader are respected and named', async () => {
      await destination.check();
      const reader = another();
      await reader.tell({ do: 'read', sql: 'SELECT 1' });
      await expect(destination.prepare(load, never)).rejects.toMatchObject({
        type: 'DestinationBusy',
        message: expect.stringMatching(
          new RegExp(`warehouse\\.duckdb is held by the process with PID ${reader.pid}`, 'u'),
        ) as string,
      });
      expect(await destination.published(load)).toBeUndefined();
      await reader.tell({ do: 'stop reading' });
      await (await destination.prepare(load, never)).close();
    });

    it('of another process are waited for as long as waitMs says', async () => {
      const holder = another();
      await holder.tell({ do: 'prepare', load });
      await holder.tell({ do: 'stage', table: await entries() });
      const patient = createDuckDbDestination({ path: file, memoryLimitMb: 128, waitMs: 60_000 });
      const checked = patient.check();
      await holder.tell({ do: 'close' });
      await checked;
    });
  });

  describe('schema', () => {
    it('tells meaning and sensitivity of every column, of views too', async () => {
      await destination.check();
      const commented = await read(
        file,
        `SELECT count(*) FILTER (WHERE comment NOT LIKE '%(sensitivity: %)' OR comment IS NULL)::INTEGER, count(DISTINCT table_name)::INTEGER
         FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal AND table_name <> 'clari_loads'`,
      );
      expect(commented).toEqual([[0, 14]]);
    });

    it('brings the comments of an earlier version up to date, and leaves an operator’s own alone', async () => {
      await destination.check();
      const comment = (column: string, text: string): string =>
        `COMMENT ON COLUMN forecast_users.${column} IS '${text}'`;
      await sql([comment('hierarchy_name', 'Title. (sensitivity: none)'), comment('name', 'Ask Ops first.')], file);
      await destination.check();
      expect(
        await read(
          file,
          `SELECT comment FROM duckdb_columns() WHERE table_name = 'forecast_users'
           AND column_name IN ('name', 'hierarchy_name') ORDER BY column_name`,
        ),
      ).toEqual([['Role title. (sensitivity: role)'], ['Ask Ops first.']]);
    });

    it('gains a column that is missing and keeps the rows and the columns that others made', async () => {
      await land(destination, load, [await entries()]);
      await sql(
        [
          'ALTER TABLE forecast_entries DROP COLUMN crm_closed',
          'ALTER TABLE forecast_entries ADD COLUMN mine INT DEFAULT 7',
        ],
        file,
      );
      await land(destination, { ...load, exportId: 'export-2', loadId: 'load-2' }, [await entries()]);
      expect(await read(file, 'SELECT export_id, user_id, crm_closed, mine FROM forecast_entries ORDER BY 1')).toEqual([
        ['export-1', 'u1', null, 7],
        ['export-2', 'u1', null, 7],
      ]);
      expect(await read(file, 'SELECT count(*)::INTEGER FROM forecast_values_latest')).toEqual([[1]]);
    });

    it('of the first version gains what it lacks, and what that version landed is still there once (fault 25)', async () => {
      await land(destination, load, [await entries()]);
      const since = ['measures', 'key_check'];
      await sql(
        since.map((column) => `ALTER TABLE exports DROP COLUMN ${column}`),
        file,
      );
      expect(await destination.published(load)).toMatchObject({ loadId: 'load-1' });
      await land(destination, { ...load, loadId: 'load-of-today' }, [await entries()]);
      await land(destination, { ...load, exportId: 'export-2', loadId: 'load-2' }, [await entries()]);
      expect(await read(file, 'SELECT export_id, load_id, measures IS NULL FROM exports ORDER BY 1')).toEqual([
        ['export-1', 'load-of-today', false],
        ['export-2', 'load-2', false],
      ]);
      expect(await read(file, 'SELECT export_id FROM forecast_entries ORDER BY 1')).toEqual([
        ['export-1'],
        ['export-2'],
      ]);
    });

    it('refuses a column of another type and says how to change it', async () => {
      await destination.check();
      await sql(['ALTER TABLE forecast_entries ALTER quota_value SET DATA TYPE DOUBLE'], file);
      const failure = destination.prepare(load, never);
      await expect(failure).rejects.toMatchObject({ type: 'DestinationIncompatible' });
      await expect(failure).rejects.toThrow(
        `forecast_entries.quota_value in ${file} is DOUBLE and has to be DECIMAL(38,9): ` +
          'ALTER TABLE "forecast_entries" ALTER COLUMN "quota_value" SET DATA TYPE DECIMAL(38,9);',
      );
      await sql(['ALTER TABLE "forecast_entries" ALTER COLUMN "quota_value" SET DATA TYPE DECIMAL(38,9)'], file);
      await destination.check();
    });

    it.each([
      ['a table without export_id', 'CREATE TABLE forecast_users (name VARCHAR)'],
      ['a view in the place of a table', 'CREATE VIEW forecast_users AS SELECT 1 AS export_id'],
      ['a table in the place of a view', 'CREATE TABLE latest_exports (x INT)'],
    ])('refuses %s', async (_what, statement) => {
      await sql([statement], file);
      await expect(destination.check()).rejects.toMatchObject({ type: 'DestinationIncompatible' });
    });
  });

  describe('staged files', () => {
    it.each([
      ['columns in another order', 'SELECT field_id, * EXCLUDE (field_id) FROM f'],
      ['a column of another type', 'SELECT * REPLACE (forecast_value::DOUBLE AS forecast_value) FROM f'],
      ['one column more', 'SELECT *, 1 AS more FROM f'],
      ['one column less', 'SELECT * EXCLUDE (extra) FROM f'],
    ])('with %s are refused', async (_what, select) => {
      const table = await entries();
      const path = join(folder.path, 'other.parquet');
      await sql([
        `COPY (WITH f AS (FROM ${quoteLiteral(table.path)}) ${select}) TO ${quoteLiteral(path)} (FORMAT parquet)`,
      ]);
      const session = await destination.prepare(load, never);
      await expect(session.stage({ ...table, path })).rejects.toMatchObject({ type: 'CountsDisagree' });
      await expect(session.publish(receiptFor(load, []))).rejects.toThrow('has ended');
    });

    it('are read under their very name, be it a pattern or look like a partition', async () => {
      const table = await entries();
      const odd = join(folder.path, 'extra=1', '[a]*?');
      await mkdir(odd, { recursive: true });
      await rename(table.path, join(odd, 'e*.parquet'));
      await writeFile(join(odd, 'e1.parquet'), 'not Parquet');
      await land(destination, load, [{ ...table, path: join(odd, 'e*.parquet') }]);
      expect(await read(file, 'SELECT user_id, extra FROM forecast_entries')).toEqual([['u1', null]]);
    });

    it('that are no Parquet fail without a word of what they hold', async () => {
      const path = join(folder.path, 'jane.parquet');
      await writeFile(path, 'Jane Doe <jane@example.com>'.repeat(100));
      const session = await destination.prepare(load, never);
      const error: unknown = await session.stage({ ...(await entries()), path }).catch((caught: unknown) => caught);
      expect(String(error)).not.toMatch(/jane/iu);
      expect((await readdir(folder.path)).includes('warehouse.duckdb.spill')).toBe(false);
    });
  });

  describe('failures', () => {
    it('name a path that is a folder', async () => {
      await mkdir(file);
      await expect(destination.check()).rejects.toMatchObject({ type: 'DestinationUnavailable' });
    });

    it('name a folder that is a file', async () => {
      await writeFile(join(folder.path, 'file'), '');
      const inFile = open(join(folder.path, 'file', 'w.duckdb'));
      await expect(inFile.check()).rejects.toMatchObject({ type: 'DestinationUnavailable' });
    });

    it.each(['', 'Jane Doe, not a database'.repeat(500)])('say that a file is no database', async (content) => {
      await writeFile(file, content);
      const failure = destination.check();
      await expect(failure).rejects.toMatchObject({ type: 'DestinationIncompatible' });
      await expect(failure).rejects.not.toThrow('Jane');
      expect(await readFile(file, 'utf8')).toBe(content);
    });

    it('say that a database comes from a later DuckDB', async () => {
      await destination.check();
      await writeFile(file, fromLaterVersion(await readFile(file)));
      await expect(destination.prepare(load, never)).rejects.toMatchObject({
        type: 'DestinationIncompatible',
        message: expect.stringContaining('another version of DuckDB') as string,
      });
    });
  });

  it('stops a load when its signal aborts, with the signal’s reason', async () => {
    const controller = new AbortController();
    const session = await destination.prepare(load, controller.signal);
    const landed = await session.stage(await entries());
    controller.abort(new Error('cancelled'));
    await expect(session.publish(receiptFor(load, [landed]))).rejects.toThrow('cancelled');
    expect(await destination.published(load)).toBeUndefined();
  });
});

/** The same database with a storage version that does not exist yet, and DuckDB's checksum of the header made right again. */
function fromLaterVersion(database: Buffer): Buffer {
  const changed = Buffer.from(database);
  changed.writeBigUInt64LE(999n, 12);
  let checksum = 5381n;
  for (let at = 8; at < 4096; at += 8) {
    checksum ^= BigInt.asUintN(64, changed.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  }
  changed.writeBigUInt64LE(checksum, 0);
  return changed;
}
