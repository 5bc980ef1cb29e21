import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Reference } from '../../src/model/reference.js';
import type { RunStaging } from '../../src/staging/port.js';
import { loadS3, type Sdk } from '../../src/staging/s3/sdk.js';
import { PART_BYTES } from '../../src/staging/s3/sealed-upload.js';
import { failing } from '../support/failing.js';
import { ownerOf } from '../support/staging-owner.js';
import { startWeed, type Weed } from '../support/weed.js';
import { bucketSubject, type BucketSubject } from './bucket-subject.js';
import { sha256, stagingContract, typeOf } from './contract.js';
import { lateContract } from './late-contract.js';

const found = inject('weed');

describe.skipIf('skipped' in found)('staging in S3', () => {
  let weed: Weed;
  beforeAll(async () => {
    weed = await startWeed('path' in found ? found.path : '');
  });
  afterAll(() => weed.close());

  stagingContract('a bucket', () => bucketSubject(weed));
  lateContract('a bucket', () => bucketSubject(weed));

  const long = randomBytes(2 * PART_BYTES + 12_345);
  let subject: BucketSubject;
  let run: RunStaging;
  beforeEach(async () => {
    subject = await bucketSubject(weed);
    run = (await subject.open()).run(ownerOf('run-1'));
  });
  afterEach(() => subject.close());

  /** Downloads the first bytes of `long` and is gone. */
  async function half(length: number): Promise<void> {
    const file = await run.partial('raw');
    await file.restart('"v1"');
    await file.append(long.subarray(0, length));
    await file.close();
  }

  /** Ends the only upload as its attempt would have, that died before it knew. */
  async function finishUpload(): Promise<void> {
    const upload = { ...subject.keyOf('run-1', 'raw.1'), UploadId: (await subject.uploads())[0] };
    const { Parts = [] } = await weed.s3.listParts(upload);
    const parts = Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
    await weed.s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: parts } });
  }

  test('a part that was the last one of a dead attempt, and is not full, is fetched again', async () => {
    await half(PART_BYTES);
    const [UploadId] = await subject.uploads();
    await weed.s3.uploadPart({ ...subject.keyOf('run-1', 'raw.1'), UploadId, PartNumber: 2, Body: 'the rest of it' });
    const file = await run.partial('raw');
    expect(file.bytes).toBe(PART_BYTES);
    await file.append(long.subarray(PART_BYTES));
    expect(await file.complete()).toMatchObject({ bytes: long.length, sha256: sha256(long) });
  });

  test('an upload that S3 has finished, though its attempt died before it could say so, is used as it is', async () => {
    await half(2 * PART_BYTES);
    await finishUpload();
    const whole = long.subarray(0, 2 * PART_BYTES);
    const again = await run.partial('raw');
    expect([again.bytes, again.validator]).toEqual([whole.length, '"v1"']);
    const reference = await again.complete();
    expect(reference).toMatchObject({ bytes: whole.length, sha256: sha256(whole) });
    expect((await buffer(await run.read(reference))).equals(whole)).toBe(true);
  });

  test('an upload that S3 finished while its answer was lost on the way is not finished twice', async () => {
    const file = await run.partial('raw');
    await file.restart('"v1"');
    await file.append(long.subarray(0, PART_BYTES));
    await finishUpload();
    // This server would say yes once more, and S3 does not; nor does this one of an object that was stored otherwise.
    await subject.store('run-1', 'raw.1', await subject.stored('run-1', 'raw.1'));
    expect(await file.complete()).toMatchObject({ bytes: PART_BYTES, sha256: sha256(long.subarray(0, PART_BYTES)) });
  });

  test('a finished upload that was spoilt is fetched again', async () => {
    await half(2 * PART_BYTES);
    await finishUpload();
    const spoilt = await subject.stored('run-1', 'raw.1');
    await subject.store('run-1', 'raw.1', spoilt.fill((spoilt[PART_BYTES] ?? 0) ^ 1, PART_BYTES, PART_BYTES + 1));
    const again = await run.partial('raw');
    expect(again.bytes).toBe(2 * PART_BYTES);
    expect(await typeOf(again.complete())).toBe('StagingLost');
    expect((await run.partial('raw')).bytes).toBe(0);
  });

  test('a finished upload takes no more bytes, and the next attempt begins anew', async () => {
    await half(PART_BYTES);
    await finishUpload();
    const again = await run.partial('raw');
    expect(await typeOf(again.append(long.subarray(0, 1)))).toBe('StagingLost');
    expect((await run.partial('raw')).bytes).toBe(0);
  });

  test('an upload that somebody aborted is lost to its attempt, and the next one begins anew', async () => {
    // An older file in its place is not taken for it.
    await (await run.partial('raw')).complete();
    const file = await run.partial('raw');
    await file.restart('"v1"');
    const [UploadId] = await subject.uploads();
    await weed.s3.abortMultipartUpload({ ...subject.keyOf('run-1', 'raw.1'), UploadId });
    expect(await typeOf(file.append(long.subarray(0, PART_BYTES)))).toBe('StagingLost');
    const next = await run.partial('raw');
    expect([next.bytes, next.validator]).toEqual([0, undefined]);
  });

  test('an upload stays while its run goes on, and is aborted when the run is discarded or the download begins anew', async () => {
    await half(PART_BYTES);
    const uploads = await subject.uploads();
    expect(uploads).toHaveLength(1);
    const file = await run.partial('raw');
    await file.restart('"v2"');
    const after = await subject.uploads();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(uploads);
    await run.discard();
    expect(await subject.uploads()).toEqual([]);
  });

  test('nothing stays of a file that could not be made, nor on this machine of what was', async () => {
    await expect(run.produce('table', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await subject.uploads()).toEqual([]);
    await run.produce('table', (at) => writeFile(at, long));
    expect(await subject.uploads()).toEqual([]);
    const [folder = ''] = await readdir(subject.temporary);
    expect(await readdir(path.join(subject.temporary, folder, 'run-1'))).toEqual(['.owner']);
    await run.discard();
    expect(await readdir(path.join(subject.temporary, folder))).toEqual([]);
  });

  test('bytes that break off on their way from S3 are asked for again', async () => {
    const reference = await run.produce('table', (at) => writeFile(at, long));
    let left = 1_000_000;
    const proxy = createServer((client) => {
      const upstream = connect(Number(new URL(weed.endpoint).port), '127.0.0.1');
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const)
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
      client.pipe(upstream);
      upstream.on('data', (chunk: Buffer) => {
        const before = left;
        left -= chunk.length;
        if (before > 0 && left <= 0) client.resetAndDestroy();
        else client.write(chunk);
      });
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { port } = proxy.address() as AddressInfo;
    try {
      const through = await subject.openWith({ endpoint: `http://127.0.0.1:${port}` });
      expect((await buffer(await through.run(ownerOf('run-1')).read(reference))).equals(long)).toBe(true);
      expect(left).toBeLessThanOrEqual(-long.length);
    } finally {
      proxy.close();
    }
  });

  test('a run of more files than S3 lists at once is found and discarded whole', async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `file-${index}`);
    await Promise.all(names.map((name) => subject.store('run-1', name, Buffer.from(name))));
    await subject.store('run-2', 'file', Buffer.from('of another run'));
    const area = await subject.open();
    expect((await area.leftovers()).map(({ runKey }) => runKey)).toEqual(['run-1', 'run-2']);
    await run.discard();
    expect((await area.leftovers()).map(({ runKey }) => runKey)).toEqual(['run-2']);
  });

  test('a run that would not fit beside the others of the bucket waits, announced or not, and fits when they are gone', async () => {
    const mib = 1024 * 1024;
    const area = await subject.openWith({ maxBytes: 30 * mib });
    const begin = async (runKey: string, bytes: number): Promise<void> =>
      (await area.run(ownerOf(runKey)).partial('raw')).restart('"v1"', bytes);
    await begin('first', 3 * mib);
    await begin('first', 6 * mib);
    const error = await failing(begin('second', 5 * mib));
    expect([error.type, error.message]).toEqual([
      'StagingFull',
      'The run needs some 15 MiB of staging, which may hold 30 MiB and has 18 MiB in use by others.',
    ]);
    const file = await area.run(ownerOf('second')).partial('raw');
    await file.append(Buffer.alloc(mib));
    expect(await typeOf(file.append(Buffer.alloc(4 * mib)))).toBe('StagingFull');
    expect(await typeOf(begin('second', 11 * mib))).toBe('StagingTooSmall');
    await area.run(ownerOf('first')).discard();
    await begin('second', 9 * mib);
  });

  test('fault 5: a late attempt gives nothing up once its successor has opened a download, of which nothing has come', async () => {
    const area = await subject.openWith({ maxBytes: 30 * 1024 * 1024 });
    const [late, next] = [area.run(ownerOf('run-1')), area.run(ownerOf('run-1', 'k', 2))];
    const file = await late.partial('raw-forecast');
    await file.append(Buffer.from('text'));
    const reference = await file.complete();
    await next.partial('raw-quota');
    expect(await typeOf(late.giveUp())).toBe('StagingLost');
    expect((await buffer(await next.read(reference))).toString()).toBe('text');
  });

  test('S3 is asked to encrypt all objects, or to do as the bucket is set to', async () => {
    const stage = async (staging: RunStaging): Promise<Reference> => {
      await staging.produce('table', (at) => writeFile(at, 'text'));
      const file = await staging.partial('raw');
      await file.append(Buffer.from('text'));
      return file.complete();
    };
    const encryption = async (runKey: string): Promise<unknown[]> => {
      const names = ['.key', '.owner', 'raw.1', 'table.1'];
      const heads = names.map((name) => weed.s3.headObject(subject.keyOf(runKey, name)));
      return (await Promise.all(heads)).map((head) => head.ServerSideEncryption);
    };
    await stage(run);
    expect(await encryption('run-1')).toEqual(['AES256', 'AES256', 'AES256', 'AES256']);
    await stage((await subject.openWith({ encryption: 'bucket' })).run(ownerOf('run-2')));
    expect(await encryption('run-2')).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('what a run left on this machine alone is a leftover too', async () => {
    await run.scratch();
    const area = await subject.open();
    const left = await area.leftovers();
    expect(left).toMatchObject([{ runKey: 'run-1', workflowId: 'workflow of run-1' }]);
    await left[0]?.discard();
    expect(await area.leftovers()).toEqual([]);
  });

  test('the folder for temporary files is refused when others may look into it', async () => {
    await run.scratch();
    const [folder = ''] = await readdir(subject.temporary);
    await chmod(path.join(subject.temporary, folder), 0o755);
    expect(await typeOf(subject.open())).toBe('StagingUnavailable');
  });

  test('staging names its cause where the bucket can not be used', async () => {
    const told = async (opening: Promise<unknown>): Promise<string> => {
      const { type, message } = await failing(opening);
      return `${type}: ${message}`;
    };
    const trying = 'StagingUnavailable: Staging failed while trying out the bucket:';
    expect(await told(subject.openWith({ bucket: 'no-such-bucket' }))).toBe(`${trying} there is no such bucket.`);
    expect(await told(subject.openWith({ endpoint: 'http://127.0.0.1:1' }))).toBe(
      `${trying} S3 can not be reached (ECONNREFUSED).`,
    );
    const { AWS_SECRET_ACCESS_KEY } = process.env;
    try {
      process.env.AWS_SECRET_ACCESS_KEY = 'another';
      expect(await told(subject.open())).toBe(`${trying} S3 does not accept the credentials (SignatureDoesNotMatch).`);
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = AWS_SECRET_ACCESS_KEY;
    }
  });

  test('the package that is missing is named', async () => {
    const missing = '@aws-sdk/not-installed';
    const { type, message } = await failing(loadS3(() => import(missing) as Promise<Sdk>));
    expect([type, message]).toEqual([
      'ConfigurationInvalid',
      expect.stringContaining('npm install @aws-sdk/client-s3'),
    ]);
  });

  test('a download goes on from its parts when S3 was away', async () => {
    const own = await startWeed('path' in found ? found.path : '');
    const lonely = await bucketSubject(own);
    try {
      const staging = (await lonely.open()).run(ownerOf('run-1'));
      const table = await staging.produce('table', (at) => writeFile(at, long));
      const file = await staging.partial('raw');
      await file.restart('"v1"');
      await file.append(long.subarray(0, PART_BYTES));
      await own.kill();
      const away = await failing(file.append(long.subarray(PART_BYTES)));
      expect([away.type, away.message]).toEqual([
        'StagingUnavailable',
        'Staging failed while writing a file: S3 can not be reached (ECONNREFUSED).',
      ]);
      await file.close();
      expect(await typeOf(staging.open(table))).toBe('StagingUnavailable');
      expect(await typeOf(staging.discard())).toBe('StagingUnavailable');
      await own.revive();
      const again = await staging.partial('raw');
      expect([again.bytes, again.validator]).toEqual([PART_BYTES, '"v1"']);
      await again.append(long.subarray(PART_BYTES));
      expect(await again.complete()).toMatchObject({ bytes: long.length, sha256: sha256(long) });
      expect((await buffer(await staging.read(table))).equals(long)).toBe(true);
    } finally {
      await lonely.close();
      await own.close();
    }
  });
});
