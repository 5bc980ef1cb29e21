import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Reference } from '../../src/model/reference.js';
import { sealName } from '../../src/staging/epochs.js';
import type { PartialFile, RunStaging, StagingArea } from '../../src/staging/port.js';
import { failing } from '../support/failing.js';
import { ownerOf } from '../support/staging-owner.js';

/** A staging area, and what a test does to it behind its back. */
export interface Subject {
  /** Opens the area, as a process that starts does. */
  open(): Promise<StagingArea>;
  /** Opens an area in another place. */
  openOther(): Promise<StagingArea>;
  /** Names of a run's files, in order. */
  names(runKey: string): Promise<string[]>;
  /** What lies there, as it lies there. */
  stored(runKey: string, name: string): Promise<Buffer>;
  /** Puts something there; undefined: removes it. */
  store(runKey: string, name: string, bytes: Buffer | undefined): Promise<void>;
  /** All that lies anywhere. */
  everything(): Promise<Buffer>;
  /** Of so many bytes that a dead process has appended, how many a later one goes on from. */
  kept(bytes: number): number;
  close(): Promise<void>;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** What a staged file holds, as somebody reads it by its path. */
export async function textOf(staged: RunStaging, reference: Reference): Promise<Buffer> {
  const opened = await staged.open(reference);
  try {
    return await readFile(opened.path);
  } finally {
    await opened.close();
  }
}

export const typeOf = async (work: Promise<unknown>): Promise<string> => (await failing(work)).type;

/** What every kind of staging has to keep to. */
export function stagingContract(kind: string, make: () => Promise<Subject>): void {
  describe(`staging in ${kind}`, () => {
    const bytes = Buffer.from('{"owner":"Wilhelmina Ostrander","amount":1234567.89}');
    /** Two parts of an upload and a rest. */
    const long = randomBytes(20 * 1024 * 1024 + 17);
    let subject: Subject;
    let area: StagingArea;
    let run: RunStaging;
    beforeEach(async () => {
      subject = await make();
      area = await subject.open();
      run = area.run(ownerOf('run-1'));
    });
    afterEach(() => subject.close());

    const made = (staged = run, name = 'table', content = bytes): Promise<Reference> =>
      staged.produce(name, (at) => writeFile(at, content));
    const files = async (): Promise<string[]> =>
      (await subject.names('run-1')).filter((name) => !/^\.|^scratch|\.part/.test(name)).map(sealName);
    async function appendAll(file: PartialFile, content: Uint8Array): Promise<void> {
      for (let at = 0; at < content.length; at += 700_000) await file.append(content.subarray(at, at + 700_000));
    }
    /** Downloads the first bytes of `long` and is gone. */
    async function half(length: number, staged = run): Promise<void> {
      const file = await staged.partial('raw');
      await file.restart('"v1"');
      await appendAll(file, long.subarray(0, length));
      await file.close();
    }

    test('keeps its id across openings, and another area has another', async () => {
      expect(area.id).toMatch(/^[0-9a-f]{12}$/);
      expect((await subject.open()).id).toBe(area.id);
      expect((await subject.openOther()).id).not.toBe(area.id);
    });

    test('takes no name that leads out of a run', async () => {
      for (const name of ['..', '.', '', 'a/b', '../x', '-x', 'x\0'])
        expect(() => area.run(ownerOf(name)), JSON.stringify(name)).toThrow();
      for (const name of ['../raw', 'a/b', '.key']) {
        expect(await typeOf(run.partial(name)), name).toBe('Unexpected');
        expect(await typeOf(made(run, name)), name).toBe('Unexpected');
      }
    });

    test('a download has nothing to go on from at first', async () => {
      const file = await run.partial('raw');
      expect([file.bytes, file.validator]).toEqual([0, undefined]);
      await file.close();
    });

    test('a download goes on after its process went, with the bytes and the version that were there', async () => {
      await half(10_000_000);
      const second = await (await subject.open()).run(ownerOf('run-1')).partial('raw');
      expect([second.bytes, second.validator]).toEqual([subject.kept(10_000_000), '"v1"']);
      await appendAll(second, long.subarray(second.bytes, 19_000_000));
      await second.close();
      const third = await run.partial('raw');
      expect([third.bytes, third.validator]).toEqual([subject.kept(19_000_000), '"v1"']);
      await appendAll(third, long.subarray(third.bytes));
      const reference = await third.complete();
      expect(reference).toMatchObject({ bytes: long.length, sha256: sha256(long) });
      expect((await buffer(await run.read(reference))).equals(long)).toBe(true);
      expect(await files()).toEqual(['raw']);
    });

    test('a download starts afresh without any of the old bytes', async () => {
      const first = await run.partial('raw');
      await first.restart('"v1"');
      await first.append(Buffer.alloc(long.length));
      await first.restart('"v2"');
      await appendAll(first, long.subarray(0, 10_000_000));
      await first.close();
      const second = await run.partial('raw');
      expect([second.bytes, second.validator]).toEqual([subject.kept(10_000_000), '"v2"']);
      await second.restart(undefined);
      await appendAll(second, long);
      await second.close();
      const third = await run.partial('raw');
      expect([third.bytes, third.validator]).toEqual([subject.kept(long.length), undefined]);
      await third.restart('"v3"');
      await third.append(bytes);
      const reference = await third.complete();
      expect(reference).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
      expect(await textOf(run, reference)).toEqual(bytes);
    });

    test('a file that was downloaded before is downloaded anew', async () => {
      const download = async (content: Buffer): Promise<Reference> => {
        const file = await run.partial('raw');
        expect(file.bytes).toBe(0);
        await file.restart('"v1"');
        await file.append(content);
        return file.complete();
      };
      const before = await download(bytes);
      const after = await download(Buffer.from('other'));
      expect(await typeOf(run.open(before))).toBe('StagingLost');
      expect((await textOf(run, after)).toString()).toBe('other');
    });

    test('a download may be empty', async () => {
      const file = await run.partial('raw');
      await file.restart('"v1"');
      const reference = await file.complete();
      expect(reference).toMatchObject({ bytes: 0, sha256: sha256('') });
    });

    test.each([
      ['a short', bytes],
      ['an empty', Buffer.alloc(0)],
      ['a long', long],
    ])('%s file that is made is referred to by place, length and hash', async (_length, content) => {
      const reference = await made(run, 'table', content);
      expect(reference).toMatchObject({ bytes: content.length, sha256: sha256(content) });
      expect(reference.uri).toMatch(/\/runs\/run-1\/table\.1$/);
      expect((await textOf(run, reference)).equals(content)).toBe(true);
      expect((await buffer(await run.read(reference))).equals(content)).toBe(true);
    });

    test('a file whose making fails leaves nothing', async () => {
      const making = run.produce('table', async (at) => {
        await writeFile(at, bytes);
        throw new Error('half-way');
      });
      await expect(making).rejects.toThrow('half-way');
      expect(await files()).toEqual([]);
    });

    test('a file that failed to be made again is as it was before', async () => {
      const reference = await made();
      await expect(run.produce('table', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await textOf(run, reference)).toEqual(bytes);
    });

    const spoils: readonly [string, (bytes: Buffer) => Buffer | undefined][] = [
      ['a bit of it has flipped (fault 26)', (stored) => stored.fill((stored[25] ?? 0) ^ 1, 25, 26)],
      ['its last byte is gone', (stored) => stored.subarray(0, -1)],
      ['its last frame is gone', (stored) => stored.subarray(0, 8)],
      ['it is empty', () => Buffer.alloc(0)],
      ['something follows', (stored) => Buffer.concat([stored, bytes])],
      ['it is plain text', () => bytes],
      ['it is gone', () => undefined],
    ];
    test.each(spoils)('a file is lost when %s', async (_name, spoil) => {
      const reference = await made();
      await subject.store('run-1', 'table.1', spoil(await subject.stored('run-1', 'table.1')));
      await expectLost(reference);
    });

    test('a file is lost when another one of its run is in its place', async () => {
      const reference = await made();
      await made(run, 'other');
      await subject.store('run-1', 'table.1', await subject.stored('run-1', 'other.1'));
      await expectLost(reference);
    });

    test('a file is lost when its key is gone', async () => {
      const reference = await made();
      await subject.store('run-1', '.key', undefined);
      await expectLost(reference);
    });

    async function expectLost(reference: Reference): Promise<void> {
      expect(await typeOf(run.open(reference))).toBe('StagingLost');
      expect(await typeOf(run.read(reference).then((stream) => buffer(stream)))).toBe('StagingLost');
    }

    test('a reference to another place is refused, even where its file is as it says', async () => {
      const reference = await made();
      const neighbour = await made(area.run(ownerOf('run-1-longer')));
      const elsewhere = await made((await subject.openOther()).run(ownerOf('run-1')));
      const places = [
        neighbour.uri,
        elsewhere.uri,
        `${reference.uri}/../../run-1-longer/table.1`,
        reference.uri.replace('/run-1/', '/run-1/../run-1-longer/'),
        's3://bucket/table',
        'file:///etc/hostname',
        'data:,x',
      ];
      for (const uri of places) expect(await typeOf(run.open({ ...reference, uri })), uri).toBe('StagingLost');
      expect(await typeOf(area.run(ownerOf('run-2')).open(reference))).toBe('StagingLost');
    });

    test('what lies there is not to be read, whole or half-way, while it is made or after', async () => {
      const leaks = async (): Promise<boolean> => (await subject.everything()).includes('Wilhelmina');
      const file = await run.partial('raw');
      for (let at = 0; at < 9_000_000; at += bytes.length * 10_000)
        await file.append(Buffer.alloc(bytes.length * 10_000, bytes));
      expect(await leaks()).toBe(false);
      await file.complete();
      const reference = await run.produce('table', async (at) => {
        await writeFile(at, bytes);
        expect(await leaks()).toBe(false);
      });
      const opened = await run.open(reference);
      expect(await readFile(opened.path)).toEqual(bytes);
      expect(await leaks()).toBe(false);
      await opened.close();
      expect(await subject.names('run-1')).toEqual(['.key', '.owner', 'raw.1', 'table.1']);
    });

    test('each run is sealed under a key of its own', async () => {
      const [one, two] = [area.run(ownerOf('one')), area.run(ownerOf('two'))];
      const references = await Promise.all([made(one), made(two)]);
      await subject.store('one', '.key', await subject.stored('two', '.key'));
      expect(await typeOf(one.open(references[0]))).toBe('StagingLost');
      expect(await textOf(two, references[1])).toEqual(bytes);
    });

    test('a run has one key when its files are made at once', async () => {
      const references = await Promise.all(['a', 'b', 'c', 'd'].map((name) => made(run, name)));
      for (const reference of references) expect(await textOf(run, reference)).toEqual(bytes);
    });

    test('what was sealed under a key that is gone is lost, and what is staged next begins anew', async () => {
      const before = area.run(ownerOf('run-1', 'old'));
      const reference = await made(before);
      await half(10_000_000, before);
      const after = area.run(ownerOf('run-1', 'new'));
      expect(await typeOf(after.open(reference))).toBe('StagingLost');
      expect(await typeOf(after.read(reference).then((stream) => buffer(stream)))).toBe('StagingLost');
      const file = await after.partial('raw');
      expect([file.bytes, file.validator]).toEqual([0, undefined]);
      await file.close();
      expect(await files()).not.toContain('table');
    });

    test('a scratch folder is for its owner alone, and goes with its run', async () => {
      const scratch = await run.scratch();
      expect((await stat(scratch)).mode & 0o777).toBe(0o700);
      await writeFile(`${scratch}/piece`, bytes);
      expect(await run.scratch()).not.toBe(scratch);
      await run.discard();
      await expect(stat(scratch)).rejects.toThrow('ENOENT');
    });

    test('discarding takes all of a run, and only that, and may be repeated', async () => {
      await made();
      await half(10_000_000);
      await run.scratch();
      const other = area.run(ownerOf('run-2'));
      const kept = await made(other);
      await run.discard();
      await run.discard();
      expect(await subject.names('run-1')).toEqual([]);
      expect((await area.leftovers()).map(({ runKey }) => runKey)).toEqual(['run-2']);
      expect(await textOf(other, kept)).toEqual(bytes);
    });

    test('a run that is discarded is not begun again by an attempt that was at it before (fault 5)', async () => {
      await made();
      await (await subject.open()).run(ownerOf('run-1')).discard();
      expect(await typeOf(made(run, 'late'))).toBe('StagingLost');
      expect(await subject.names('run-1')).toEqual([]);
    });

    test('discarding a run that staged nothing makes nothing', async () => {
      await area.run(ownerOf('run-3')).discard();
      expect(await area.leftovers()).toEqual([]);
    });

    test('leftovers are found with their workflow and their last change, an unfinished download too, and can be discarded', async () => {
      const from = Date.now() - 5_000;
      await made();
      await half(10_000_000, area.run(ownerOf('run-2')));
      await made(area.run(ownerOf('run-3')));
      await subject.store('run-3', '.owner', undefined);
      // As versions before namespaces were noted have left it.
      await subject.store('run-2', '.owner', Buffer.from('workflow of run-2'));
      const found = [...(await (await subject.open()).leftovers())].sort((a, b) => (a.runKey < b.runKey ? -1 : 1));
      expect(found.map(({ runKey, workflowId, namespace }) => [runKey, workflowId, namespace])).toEqual([
        ['run-1', 'workflow of run-1', 'default'],
        ['run-2', 'workflow of run-2', undefined],
        ['run-3', undefined, undefined],
      ]);
      for (const { changedAt } of found) expect(changedAt).toBeGreaterThan(from);
      for (const left of found.slice(1)) await left.discard();
      expect((await area.leftovers()).map(({ runKey }) => runKey)).toEqual(['run-1']);
    });
  });
}
