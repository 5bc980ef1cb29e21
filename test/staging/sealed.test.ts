import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalStaging } from '../../src/staging/local.js';
import type { StagingArea } from '../../src/staging/port.js';
import { wrappingKey } from '../../src/staging/wrapping-key.js';
import { failing } from '../support/failing.js';
import { ownerOf } from '../support/staging-owner.js';

let root: string;
let area: StagingArea;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'clari-sealed-'));
  area = await openLocalStaging(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const folderOf = (runKey: string): string => path.join(root, 'runs', runKey);
async function bytesBelow(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name)))));
}

describe('what lies in staging', () => {
  const secret = Buffer.from('Wilhelmina Ostrander, 1234567.89');

  test('is not to be read, whole or half-way, while it is made or after', async () => {
    const run = area.run(ownerOf('run'));
    const file = await run.partial('raw');
    await file.append(secret);
    expect((await bytesBelow(root)).includes(secret)).toBe(false);
    await file.complete();
    const reference = await run.produce('table', async (at) => {
      await writeFile(at, secret);
      expect((await bytesBelow(root)).includes(secret)).toBe(false);
    });
    const opened = await run.open(reference);
    expect(await readFile(opened.path)).toEqual(secret);
    expect((await bytesBelow(root)).includes(secret)).toBe(false);
    await opened.close();
    expect((await readdir(folderOf('run'))).sort()).toEqual(['.key', '.owner', 'raw', 'table']);
  });

  test('of each run is under a key of its own', async () => {
    const stagedBy = (name: string) => area.run(ownerOf(name)).produce('table', (at) => writeFile(at, secret));
    const [one, two] = await Promise.all([stagedBy('one'), stagedBy('two')]);
    await writeFile(path.join(folderOf('one'), '.key'), await readFile(path.join(folderOf('two'), '.key')));
    expect((await failing(area.run(ownerOf('one')).open(one))).type).toBe('StagingLost');
    const opened = await area.run(ownerOf('two')).open(two);
    await opened.close();
  });

  test('under a key that is gone is lost, and what is staged next begins anew', async () => {
    const before = area.run(ownerOf('run', 'old'));
    const reference = await before.produce('table', (at) => writeFile(at, secret));
    const half = await before.partial('raw');
    await half.restart('"v1"');
    await half.append(secret);
    await half.close();
    const after = area.run(ownerOf('run', 'new'));
    expect((await failing(after.open(reference))).type).toBe('StagingLost');
    expect((await failing(after.read(reference))).type).toBe('StagingLost');
    const file = await after.partial('raw');
    expect([file.bytes, file.validator]).toEqual([0, undefined]);
    await file.close();
    expect((await readdir(folderOf('run'))).includes('table')).toBe(false);
  });
});

describe('a download that was cut off', () => {
  const content = randomBytes(3 * 1024 * 1024 + 17);
  const pieces = [0, 5, 70_000, 70_001, 1_500_000, content.length];

  test('at any byte goes on from the last piece that is whole', async () => {
    const run = area.run(ownerOf('run'));
    const part = path.join(folderOf('run'), 'raw.part');
    const file = await run.partial('raw');
    await file.restart('"v1"');
    for (const [place, from] of pieces.slice(0, -1).entries())
      await file.append(content.subarray(from, pieces[place + 1]));
    await file.close();
    for (let length = (await stat(part)).size; length > 0; length = Math.floor(length * 0.6)) {
      await truncate(part, length);
      const again = await run.partial('raw');
      expect(again.bytes).toBeLessThanOrEqual(length);
      expect(again.bytes).toBeGreaterThanOrEqual(Math.min(content.length, length - 1024 * 1024 - 300));
      await again.close();
    }
    const last = await run.partial('raw');
    await last.append(content.subarray(last.bytes));
    expect(await buffer(await run.read(await last.complete()))).toEqual(content);
  });
});

test('a key made of another secret says nothing of it, is the same each time, and without a secret lives as long as its process', async () => {
  const secret = Buffer.alloc(32, 's');
  const made = await wrappingKey(() => Promise.resolve(secret))();
  expect(made).toHaveLength(32);
  expect(made).not.toEqual(secret);
  expect(await wrappingKey(() => Promise.resolve(secret))()).toEqual(made);
  const [one, two] = [wrappingKey(undefined), wrappingKey(undefined)];
  expect(await one()).toEqual(await one());
  expect(await one()).not.toEqual(await two());
});
