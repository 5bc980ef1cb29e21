import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalStaging } from '../../src/staging/local.js';
import type { RunStaging } from '../../src/staging/port.js';
import { wrappingKey } from '../../src/staging/wrapping-key.js';
import { ownerOf } from '../support/staging-owner.js';
import { stagingContract, textOf, typeOf, type Subject } from './contract.js';
import { lateContract } from './late-contract.js';
import { folderSubject } from './folder-subject.js';

stagingContract('a folder', folderSubject);
lateContract('a folder', folderSubject);

const bytes = Buffer.from('{"entries":[1,2,3]}');
let subject: Subject;
let root: string;
let run: RunStaging;
beforeEach(async () => {
  const made = await folderSubject();
  subject = made;
  root = made.root;
  run = (await subject.open()).run(ownerOf('run-1'));
});
afterEach(() => subject.close());

describe('a staging folder', () => {
  test('gets one id when many open it at once for the first time, and no draft of an id stays', async () => {
    const shared = `${root}-shared`;
    const areas = await Promise.all(Array.from({ length: 8 }, () => openLocalStaging(shared)));
    expect(new Set(areas.map(({ id }) => id)).size).toBe(1);
    expect((await readdir(shared)).sort()).toEqual(['id', 'runs']);
  });

  test('with an id that is none is refused', async () => {
    await writeFile(path.join(root, 'id'), '../elsewhere');
    expect(await typeOf(openLocalStaging(root))).toBe('StagingUnavailable');
  });

  test('is for its owner alone, with all that is in it', async () => {
    await run.produce('table', (at) => writeFile(at, bytes));
    const file = await run.partial('raw');
    await file.restart('"v1"');
    await file.append(bytes);
    await file.close();
    const mode = async (...parts: string[]): Promise<number> => (await stat(path.join(root, ...parts))).mode & 0o777;
    expect([await mode('.'), await mode('runs'), await mode('runs', 'run-1')]).toEqual([0o700, 0o700, 0o700]);
    expect(await mode('id')).toBe(0o600);
    for (const name of ['raw.part.1', 'raw.part.1.version', 'table.1', '.key', '.owner'])
      expect([name, await mode('runs', 'run-1', name)]).toEqual([name, 0o600]);
  });

  test('may be reached by a symbolic link, and no file outside of it', async () => {
    const reference = await run.produce('table', (at) => writeFile(at, bytes));
    await symlink(root, `${root}-link`);
    const linked = (await openLocalStaging(`${root}-link`)).run(ownerOf('run-1'));
    expect(await textOf(linked, reference)).toEqual(bytes);
    const outside = path.join(path.dirname(root), 'outside');
    await writeFile(outside, bytes);
    for (const uri of [pathToFileURL(outside).href, `${reference.uri}/../../../../outside`])
      expect(await typeOf(run.open({ ...reference, uri })), uri).toBe('StagingLost');
  });

  test('tells a run whose worker died before it had noted the owner from one that has staged something', async () => {
    await run.produce('table', (at) => writeFile(at, bytes));
    const begun = path.join(root, 'runs', 'run-2');
    await mkdir(begun);
    await writeFile(path.join(begun, '.owner.0123456789ab'), '');
    const found = await (await openLocalStaging(root)).leftovers();
    const told = found.map(({ runKey, nothingStaged = false }) => [runKey, nothingStaged]).sort();
    expect(told).toEqual([
      ['run-1', false],
      ['run-2', true],
    ]);
  });

  test('has a run’s folder no more once that is discarded', async () => {
    await run.scratch();
    await run.discard();
    expect(await readdir(path.join(root, 'runs'))).toEqual([]);
  });
});

describe('a download that was cut off', () => {
  const content = randomBytes(3 * 1024 * 1024 + 17);
  const pieces = [0, 5, 70_000, 70_001, 1_500_000, content.length];

  test('at any byte goes on from the last piece that is whole', async () => {
    const part = path.join(root, 'runs', 'run-1', 'raw.part.1');
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
    expect((await buffer(await run.read(await last.complete()))).equals(content)).toBe(true);
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
