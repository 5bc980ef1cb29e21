import { createHash } from 'node:crypto';
import {
  appendFile,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExportError } from '../../src/model/export-error.js';
import type { Reference } from '../../src/model/reference.js';
import { openLocalStaging } from '../../src/staging/local.js';
import type { RunStaging } from '../../src/staging/port.js';
import { ownerOf } from '../support/staging-owner.js';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const bytes = Buffer.from('{"entries":[1,2,3]}');

let root: string;
let run: RunStaging;
beforeEach(async () => {
  root = path.join(await mkdtemp(path.join(os.tmpdir(), 'clari-staging-')), 'staging');
  run = (await openLocalStaging(root)).run(ownerOf('run-1'));
});
afterEach(() => rm(path.dirname(root), { recursive: true, force: true }));

/** But those by which the run's bytes are known and opened. */
const files = async (): Promise<string[]> =>
  (await readdir(path.join(root, 'runs', 'run-1'))).filter((name) => !name.startsWith('.')).sort();
const made = (name = 'table'): Promise<Reference> => run.produce(name, (at) => writeFile(at, bytes));
/** What a staged file holds, as somebody reads it by its path. */
const textOf = async (staged: RunStaging, reference: Reference): Promise<Buffer> => {
  const opened = await staged.open(reference);
  try {
    return await readFile(opened.path);
  } finally {
    await opened.close();
  }
};
const typeOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => 'nothing went wrong',
    (reason: unknown) => reason,
  );
  return error instanceof ExportError ? error.type : String(error);
};

describe('a staging folder', () => {
  test('keeps its id across openings, and another folder has another', async () => {
    const { id } = await openLocalStaging(root);
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect((await openLocalStaging(root)).id).toBe(id);
    expect((await openLocalStaging(`${root}-2`)).id).not.toBe(id);
  });

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
    await made();
    const file = await run.partial('raw');
    await file.restart('"v1"');
    await file.append(bytes);
    await file.close();
    const mode = async (...parts: string[]): Promise<number> => (await stat(path.join(root, ...parts))).mode & 0o777;
    const scratch = await run.scratch();
    expect([await mode('.'), await mode('runs'), await mode('runs', 'run-1')]).toEqual([0o700, 0o700, 0o700]);
    expect((await stat(scratch)).mode & 0o777).toBe(0o700);
    expect(await mode('id')).toBe(0o600);
    for (const name of ['raw.part', 'raw.part.version', 'table', '.key', '.owner'])
      expect([name, await mode('runs', 'run-1', name)]).toEqual([name, 0o600]);
  });

  test('takes no name that leads out of it', async () => {
    const area = await openLocalStaging(root);
    for (const name of ['..', '.', '', 'a/b', '../x', '-x', 'x\0'])
      expect(() => area.run(ownerOf(name)), JSON.stringify(name)).toThrow();
    await expect(run.partial('../raw')).rejects.toThrow();
  });
});

describe('a download in staging', () => {
  test('goes on after its process went, with the bytes and the version that were there', async () => {
    const first = await run.partial('raw');
    await first.restart('"v1"');
    await first.append(bytes.subarray(0, 7));
    await first.close();
    const second = await (await openLocalStaging(root)).run(ownerOf('run-1')).partial('raw');
    expect([second.bytes, second.validator]).toEqual([7, '"v1"']);
    await second.append(bytes.subarray(7));
    const reference = await second.complete();
    expect(reference).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
    expect(await buffer(await run.read(reference))).toEqual(bytes);
    expect(await files()).toEqual(['raw']);
  });

  test('starts afresh without any of the old bytes', async () => {
    const first = await run.partial('raw');
    await first.restart('"v1"');
    await first.append(Buffer.from('of another version'));
    await first.restart('"v2"');
    await first.append(bytes.subarray(0, 3));
    await first.close();
    const second = await run.partial('raw');
    expect([second.bytes, second.validator]).toEqual([3, '"v2"']);
    await second.restart(undefined);
    await second.append(bytes);
    await second.close();
    const third = await run.partial('raw');
    expect([third.bytes, third.validator]).toEqual([bytes.length, undefined]);
    expect(await third.complete()).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
  });

  test('has nothing to go on from at first', async () => {
    const file = await run.partial('raw');
    expect([file.bytes, file.validator]).toEqual([0, undefined]);
    await file.close();
  });
});

describe('a file that is made in staging', () => {
  test('is referred to by place, length and hash', async () => {
    const reference = await made();
    expect(await textOf(run, reference)).toEqual(bytes);
    const uri = pathToFileURL(path.join(root, 'runs', 'run-1', 'table')).href;
    expect(reference).toEqual({ uri, bytes: bytes.length, sha256: sha256(bytes) });
  });

  test('leaves nothing behind when its making fails', async () => {
    const failing = run.produce('table', async (at) => {
      await writeFile(at, bytes);
      throw new Error('half-way');
    });
    await expect(failing).rejects.toThrow('half-way');
    expect(await files()).toEqual([]);
  });

  test('that failed to be made again leaves the one before it as it was', async () => {
    const reference = await made();
    await expect(run.produce('table', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await textOf(run, reference)).toEqual(bytes);
  });
});

describe('what was staged is believed only while it is what was staged', () => {
  const spoils: readonly [string, (at: string) => Promise<void>][] = [
    [
      'a bit has flipped (fault 26)',
      async (at) => {
        const spoilt = await readFile(at);
        spoilt[25] = (spoilt[25] ?? 0) ^ 1;
        await writeFile(at, spoilt);
      },
    ],
    ['its last byte is gone', async (at) => truncate(at, (await stat(at)).size - 1)],
    ['its last frame is gone', (at) => truncate(at, 8)],
    ['it is empty', (at) => truncate(at)],
    ['something follows', (at) => appendFile(at, bytes)],
    ['it is plain text', (at) => writeFile(at, bytes)],
    [
      'it is another file of the run',
      async (at) => {
        await run.produce('other', (to) => writeFile(to, bytes));
        await copyFile(path.join(path.dirname(at), 'other'), at);
      },
    ],
    ['its key is gone', (at) => rm(path.join(path.dirname(at), '.key'))],
    ['it is gone', (at) => rm(at)],
  ];
  test.each(spoils)('%s', async (_name, spoil) => {
    const reference = await made();
    await spoil(fileURLToPath(reference.uri));
    expect(await typeOf(run.open(reference))).toBe('StagingLost');
    expect(await typeOf(run.read(reference).then((stream) => buffer(stream)))).toBe('StagingLost');
  });

  test('a reference to another place is refused, even where its file is as it says', async () => {
    const reference = await made();
    const outside = path.join(path.dirname(root), 'outside');
    await writeFile(outside, bytes);
    const area = await openLocalStaging(root);
    const other = area.run(ownerOf('run-2'));
    const neighbour = await area.run(ownerOf('run-1-longer')).produce('table', (at) => writeFile(at, bytes));
    const places = [
      pathToFileURL(outside).href,
      `${reference.uri}/../../../../outside`,
      neighbour.uri,
      's3://bucket/table',
      'data:,x',
    ];
    for (const uri of places) expect(await typeOf(run.open({ ...reference, uri })), uri).toBe('StagingLost');
    expect(await typeOf(other.open(reference))).toBe('StagingLost');
  });

  test('its folder may be reached by a symbolic link', async () => {
    const reference = await made();
    await symlink(root, `${root}-link`);
    const linked = (await openLocalStaging(`${root}-link`)).run(ownerOf('run-1'));
    expect(await textOf(linked, reference)).toEqual(bytes);
  });
});

describe('discarding', () => {
  test('takes all of the run, and only that, and may be repeated', async () => {
    await made();
    await run.scratch();
    const other = (await openLocalStaging(root)).run(ownerOf('run-2'));
    const kept = await other.produce('table', (at) => writeFile(at, bytes));
    await run.discard();
    await run.discard();
    expect(await readdir(path.join(root, 'runs'))).toEqual(['run-2']);
    expect(await buffer(await other.read(kept))).toEqual(bytes);
  });

  test('of a run that staged nothing makes nothing', async () => {
    await (await openLocalStaging(root)).run(ownerOf('run-3')).discard();
    expect(await readdir(path.join(root, 'runs'))).toEqual([]);
  });
});
