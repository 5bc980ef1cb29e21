import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { StagingArea } from '../../src/staging/port.js';
import { openS3Staging, type S3StagingOptions } from '../../src/staging/s3/area.js';
import { PART_BYTES } from '../../src/staging/s3/sealed-upload.js';
import type { Weed } from '../support/weed.js';
import type { Subject } from './contract.js';
import { bytesBelow } from './folder-subject.js';

export interface BucketSubject extends Subject {
  /** Of this machine's files. */
  readonly temporary: string;
  openWith(options: Partial<S3StagingOptions>): Promise<StagingArea>;
  /** Key of a run's file. */
  keyOf(runKey: string, name: string): { readonly Bucket: string; readonly Key: string };
  /** Ids of unfinished uploads. */
  uploads(): Promise<string[]>;
}

/** Staging under a prefix of the test's own. The SDK finds the credentials in the variables of this process. */
export async function bucketSubject(weed: Weed): Promise<BucketSubject> {
  const { s3, bucket } = weed;
  const own = randomBytes(6).toString('hex');
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = weed.environment;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'clari-s3-'));
  const openWith = (options: Partial<S3StagingOptions>): Promise<StagingArea> =>
    openS3Staging({
      ...{
        bucket,
        prefix: `${own}/where`,
        endpoint: weed.endpoint,
        region: 'us-east-1',
        encryption: 'AES256',
        temporary,
      },
      ...options,
    });
  const keyOf = (runKey: string, name: string) => ({ Bucket: bucket, Key: `${own}/where/runs/${runKey}/${name}` });
  const keys = async (prefix: string): Promise<string[]> =>
    ((await s3.listObjectsV2({ Bucket: bucket, Prefix: prefix })).Contents ?? []).map(({ Key = '' }) => Key);
  const stored = async (key: { readonly Bucket: string; readonly Key: string }): Promise<Buffer> =>
    Buffer.from((await (await s3.getObject(key)).Body?.transformToByteArray()) ?? []);
  return {
    temporary,
    keyOf,
    openWith,
    open: () => openWith({}),
    openOther: () => openWith({ prefix: `${own}/where/else` }),
    names: async (runKey) => {
      const { Key: prefix } = keyOf(runKey, '');
      return (await keys(prefix)).map((key) => key.slice(prefix.length)).sort();
    },
    stored: (runKey, name) => stored(keyOf(runKey, name)),
    async store(runKey, name, bytes) {
      await (bytes ? s3.putObject({ ...keyOf(runKey, name), Body: bytes }) : s3.deleteObject(keyOf(runKey, name)));
    },
    everything: async () => {
      const objects = (await keys(own)).map((key) => stored({ Bucket: bucket, Key: key }));
      return Buffer.concat([...(await Promise.all(objects)), await bytesBelow(temporary)]);
    },
    kept: (bytes) => bytes - (bytes % PART_BYTES),
    uploads: async () =>
      ((await s3.listMultipartUploads({ Bucket: bucket, Prefix: own })).Uploads ?? []).map(
        ({ UploadId = '' }) => UploadId,
      ),
    close: () => rm(temporary, { recursive: true, force: true }),
  };
}
