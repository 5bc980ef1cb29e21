import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEmpty } from '../../src/destinations/duckdb/hold.js';
import { openLocalStaging } from '../../src/staging/local.js';
import { watchDisk } from '../support/disk-steps.js';
import { ownerOf } from '../support/staging-owner.js';

/* What is on the disk after a power cut is known only of what was synced before. */
describe.skipIf(process.platform !== 'linux')('before a power cut', () => {
  let folder: string;
  let disk: Awaited<ReturnType<typeof watchDisk>>;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clari-power-'));
    disk = await watchDisk();
  });
  afterEach(async () => {
    disk.restore();
    await rm(folder, { recursive: true, force: true });
  });
  const said = (): string[] => disk.steps.map(({ does, of }) => `${does} ${of.replace(/[0-9a-f]{12}/, '*')}`);
  /** Whether a folder was synced when such a file was in it. */
  const kept = (name: string): boolean => disk.steps.some(({ does, names }) => does === 'sync' && names.includes(name));

  test('a download that begins anew has its old bytes and its old version off the disk before new bytes come', async () => {
    const run = (await openLocalStaging(folder)).run(ownerOf('run-1'));
    const file = await run.partial('raw');
    await file.restart('"v1"');
    await file.append(Buffer.from('of the first version'));
    const before = disk.steps.length;
    await file.restart('"v2"');
    await file.append(Buffer.from('of the second one'));
    expect(said().slice(before)).toEqual([
      'truncate raw.part.1',
      'sync raw.part.1',
      'sync raw.part.1.version.*.tmp',
      'sync run-1',
      'append raw.part.1',
    ]);
    await file.close();
  });

  test('the names of finished files, of keys and of the folder’s id are on the disk', async () => {
    const run = (await openLocalStaging(folder)).run(ownerOf('run-1'));
    const file = await run.partial('raw');
    await file.append(Buffer.from('bytes'));
    await file.complete();
    await run.produce('table', (at) => writeFile(at, 'rows'));
    for (const name of ['id', '.key', '.owner', 'raw.1', 'table.1']) expect([name, kept(name)]).toEqual([name, true]);
  });

  test('the name of a new database is on the disk before anything is landed in it', async () => {
    await createEmpty(path.join(folder, 'warehouse.duckdb'), path.join(folder, 'unborn'), {});
    expect(kept('warehouse.duckdb')).toBe(true);
  });
});
