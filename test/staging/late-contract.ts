import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PartialFile, RunStaging } from '../../src/staging/port.js';
import { ownerOf } from '../support/staging-owner.js';
import { sha256, textOf, typeOf, type Subject } from './contract.js';

const MIB = 1024 * 1024;
/** Two parts of an upload and a rest. */
const long = randomBytes(20 * MIB + 17);
const other = Buffer.alloc(9 * MIB, 'of the late one');

/** What a late one does when it wakes up: as far as it comes. */
const wakings: readonly [string, (late: PartialFile) => Promise<unknown>][] = [
  ['goes on and finishes', (late) => late.append(other).then(() => late.complete())],
  ['begins anew with the same version', (late) => late.restart('"v1"').then(() => late.append(other))],
  ['begins anew and finishes', (late) => late.restart('"v2"').then(() => late.complete())],
];

/** Attempts that were believed dead, in every kind of staging. */
export function lateContract(kind: string, make: () => Promise<Subject>): void {
  describe(`fault 5: a late attempt, in ${kind},`, () => {
    let subject: Subject;
    beforeEach(async () => void (subject = await make()));
    const opened: PartialFile[] = [];
    afterEach(async () => {
      for (const file of opened.splice(0)) await file.close();
      await subject.close();
    });
    /** The run as the attempt of an epoch has it. */
    const attempt = async (epoch: number): Promise<RunStaging> =>
      (await subject.open()).run(ownerOf('run-1', 'k', epoch));

    async function standingStill(length: number): Promise<PartialFile> {
      const file = await (await attempt(1)).partial('raw');
      opened.push(file);
      await file.restart('"v1"');
      await file.append(long.subarray(0, length));
      return file;
    }

    test.each(wakings)(
      'that %s while its successor downloads touches nothing of it',
      { timeout: 60_000 },
      async (_name, wake) => {
        const late = await standingStill(10 * MIB);
        const run = await attempt(2);
        const file = await run.partial('raw');
        expect([file.bytes, file.validator]).toEqual([subject.kept(10 * MIB), '"v1"']);
        await wake(late).catch(() => undefined);
        await file.append(long.subarray(file.bytes, 18 * MIB));
        await file.close();
        const next = await attempt(3);
        const last = await next.partial('raw');
        expect([last.bytes, last.validator]).toEqual([subject.kept(18 * MIB), '"v1"']);
        await last.append(long.subarray(last.bytes));
        await wake(late).catch(() => undefined);
        const reference = await last.complete();
        await wake(late).catch(() => undefined);
        expect(reference).toMatchObject({ bytes: long.length, sha256: sha256(long) });
        expect((await buffer(await next.read(reference))).equals(long)).toBe(true);
      },
    );

    test('that wakes before it has begun is refused while its successor downloads', async () => {
      const file = await (await attempt(2)).partial('raw');
      await file.restart('"v1"');
      expect(await typeOf((await attempt(1)).partial('raw'))).toBe('StagingLost');
      await file.append(long);
      expect(await file.complete()).toMatchObject({ bytes: long.length, sha256: sha256(long) });
    });

    test('that stood still before its first bytes leaves its successor to begin', async () => {
      const late = await (await attempt(1)).partial('raw');
      opened.push(late);
      const file = await (await attempt(2)).partial('raw');
      expect([file.bytes, file.validator]).toEqual([0, undefined]);
      await file.restart('"v2"');
      await file.append(long.subarray(0, MIB));
      await late.restart('"v1"').catch(() => undefined);
      await file.append(long.subarray(MIB));
      expect(await file.complete()).toMatchObject({ bytes: long.length, sha256: sha256(long) });
    });

    test('replaces no table that its successor has made, which takes the older one away', async () => {
      const [late, next] = [await attempt(1), await attempt(2)];
      const table = (staging: RunStaging, text: string) => staging.produce('table', (at) => writeFile(at, text));
      const before = await table(late, 'before');
      const reference = await table(next, 'of the successor');
      expect(await typeOf(late.open(before))).toBe('StagingLost');
      await table(late, 'of the late one');
      expect((await textOf(next, reference)).toString()).toBe('of the successor');
    });

    /** A file of a download, as far as so many bytes. */
    async function begun(run: RunStaging, name: string, length: number): Promise<PartialFile> {
      const file = await run.partial(name);
      opened.push(file);
      await file.restart('"v1"');
      await file.append(long.subarray(0, length));
      return file;
    }
    const finished = async (run: RunStaging, name: string) => {
      const file = await run.partial(name);
      await file.restart('"v1"');
      await file.append(other);
      return file.complete();
    };

    test.each<[string, (next: RunStaging) => Promise<unknown>]>([
      ['a download under way', (next) => begun(next, 'raw-quota', 10 * MIB)],
      ['a downloaded file', (next) => finished(next, 'raw-quota')],
      ['a table', (next) => next.produce('table', (at) => writeFile(at, 'of the successor'))],
      ['a folder for pieces', (next) => next.scratch()],
    ])('that gives up is refused where its successor has %s, and takes nothing away', async (_name, work) => {
      const late = await attempt(1);
      const first = await finished(late, 'raw-forecast');
      const part = await begun(late, 'raw-adjustment', 10 * MIB);
      const next = await attempt(2);
      await work(next);
      const before = await subject.names('run-1');
      expect(await typeOf(late.giveUp())).toBe('StagingLost');
      expect(await subject.names('run-1')).toEqual(before);
      // What it has inherited, and what is finished by nobody yet.
      expect((await buffer(await next.read(first))).equals(other)).toBe(true);
      await part.append(long.subarray(10 * MIB));
      expect(await part.complete()).toMatchObject({ sha256: sha256(long) });
    });

    test('that is not late gives up all that it and the ones before it have, but not the run', async () => {
      const earlier = await attempt(1);
      await finished(earlier, 'raw-forecast');
      await begun(earlier, 'raw-quota', 10 * MIB);
      await earlier.scratch();
      const run = await attempt(2);
      await run.produce('table', (at) => writeFile(at, 'text'));
      await begun(run, 'raw-quota', 10 * MIB);
      await run.giveUp();
      await run.giveUp();
      expect(await subject.names('run-1')).toEqual(['.key', '.owner']);
      const again = await run.partial('raw-quota');
      expect([again.bytes, again.validator]).toEqual([0, undefined]);
      opened.push(again);
    });

    test('that has another key than its successor, and comes when that one is at work, takes nothing away', async () => {
      const next = (await subject.open()).run(ownerOf('run-1', 'new', 2));
      const reference = await next.produce('table', (at) => writeFile(at, 'of the successor'));
      const late = (await subject.open()).run(ownerOf('run-1', 'old', 1));
      expect(await typeOf(late.partial('raw'))).toBe('StagingLost');
      expect((await textOf(next, reference)).toString()).toBe('of the successor');
    });

    test('that has another key than its successor takes nothing away', async () => {
      const late = (await subject.open()).run(ownerOf('run-1', 'old', 1));
      await late.produce('table', (at) => writeFile(at, 'before'));
      const next = (await subject.open()).run(ownerOf('run-1', 'new', 2));
      const reference = await next.produce('table', (at) => writeFile(at, 'of the successor'));
      expect(await typeOf(late.produce('table', (at) => writeFile(at, 'late')))).toBe('StagingLost');
      expect((await textOf(next, reference)).toString()).toBe('of the successor');
    });
  });
}
