import type { S3 } from '@aws-sdk/client-s3';
import { isNamed } from '../../aws/sdk-error.js';
import { s3Error, s3Io } from './errors.js';
import { loadS3 } from './sdk.js';

/** How much is asked for at once: nothing stays open while the reader takes its time over it. */
const RANGE_BYTES = 8 * 1024 * 1024;
/** Of a range whose answer breaks off; the SDK's own tries end where an answer begins. */
const RANGE_TRIES = 3;
const TIMEOUTS = {
  connectionTimeout: 10_000,
  requestTimeout: 120_000,
  socketTimeout: 60_000,
  throwOnRequestTimeout: true,
};

export interface BucketOptions {
  readonly bucket: string;
  /** Of a server other than AWS's, which then is asked by path. */
  readonly endpoint: string | undefined;
  /** Default: what the SDK finds in its own variables and files. */
  readonly region: string | undefined;
  /** What is asked of S3 for every object, on top of the seals; `bucket`: what the bucket itself is set to. */
  readonly encryption: 'AES256' | 'bucket';
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly changedAt: number;
}

export interface StartedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Epoch milliseconds. */
  readonly changedAt: number;
}

/** The objects of a bucket, by their whole keys. Every failure is an ExportError, `StagingLost` where the object or the upload is gone. */
export class Bucket {
  private constructor(
    readonly s3: S3,
    readonly name: string,
    /** What a new object is given. */
    readonly encrypted: { readonly ServerSideEncryption?: 'AES256' },
  ) {}

  /** Asks S3 for nothing yet. @throws ExportError `ConfigurationInvalid` without the SDK */
  static async of({ bucket, endpoint, region, encryption }: BucketOptions): Promise<Bucket> {
    const sdk = await loadS3();
    const s3 = new sdk.S3({
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(region === undefined ? {} : { region }),
      requestHandler: TIMEOUTS,
    });
    return new Bucket(s3, bucket, encryption === 'AES256' ? { ServerSideEncryption: 'AES256' } : {});
  }

  at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.name, Key: key };
  }

  /** Undefined where there is none. */
  async get(doing: string, key: string): Promise<Uint8Array | undefined> {
    return s3Io(doing, async () => {
      try {
        const { Body } = await this.s3.getObject(this.at(key));
        return await Body?.transformToByteArray();
      } catch (error) {
        if (isNamed(error, 'NoSuchKey')) return undefined;
        throw error;
      }
    });
  }

  async put(doing: string, key: string, content: string | Uint8Array): Promise<void> {
    await s3Io(doing, () => this.s3.putObject({ ...this.at(key), ...this.encrypted, Body: content }));
  }

  /** Keeps what is there, if anything is. */
  async putOnce(doing: string, key: string, content: string | Uint8Array): Promise<void> {
    await s3Io(doing, async () => {
      try {
        await this.s3.putObject({ ...this.at(key), ...this.encrypted, Body: content, IfNoneMatch: '*' });
      } catch (error) {
        // The second name is for two that come at the very same time.
        if (!isNamed(error, 'PreconditionFailed', 'ConditionalRequestConflict')) throw error;
      }
    });
  }

  /** Repeating it is harmless. */
  async remove(doing: string, key: string): Promise<void> {
    await s3Io(doing, () => this.s3.deleteObject(this.at(key)));
  }

  /** Length in bytes; undefined where there is none. */
  async lengthOf(doing: string, key: string): Promise<number | undefined> {
    return s3Io(doing, async () => {
      try {
        return (await this.s3.headObject(this.at(key))).ContentLength;
      } catch (error) {
        if (isNamed(error, 'NotFound')) return undefined;
        throw error;
      }
    });
  }

  /** The bytes of an object, a range at a time. One that is replaced meanwhile gives a mixture: it has to be checked. */
  async *chunks(doing: string, key: string): AsyncGenerator<Buffer, void> {
    let total = Infinity;
    for (let at = 0; at < total; at += RANGE_BYTES) {
      const range = await this.range(doing, key, at);
      total = range.total;
      yield range.bytes;
    }
  }

  private async range(doing: string, key: string, from: number): Promise<Range> {
    const wanted = { ...this.at(key), Range: `bytes=${from}-${from + RANGE_BYTES - 1}` };
    for (let tries = 1; ; tries++) {
      const { Body, ContentRange } = await s3Io(doing, () => this.s3.getObject(wanted));
      try {
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
        return { bytes, total: Number(ContentRange?.split('/').at(-1)) };
      } catch (error) {
        if (tries === RANGE_TRIES) throw s3Error(doing, error);
      }
    }
  }

  async *list(doing: string, prefix: string): AsyncGenerator<StoredObject, void> {
    let token: string | undefined;
    do {
      const page = await s3Io(doing, () =>
        this.s3.listObjectsV2({ Bucket: this.name, Prefix: prefix, ...(token ? { ContinuationToken: token } : {}) }),
      );
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? [])
        yield { key: Key, bytes: Size, changedAt: LastModified?.getTime() ?? 0 };
      token = page.NextContinuationToken;
    } while (token);
  }

  /** Uploads that were begun and neither finished nor aborted. */
  async *uploads(doing: string, prefix: string): AsyncGenerator<StartedUpload, void> {
    let next: { readonly KeyMarker: string; readonly UploadIdMarker: string } | undefined;
    do {
      const page = await s3Io(doing, () =>
        this.s3.listMultipartUploads({ Bucket: this.name, Prefix: prefix, ...next }),
      );
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? [])
        yield { key: Key, uploadId: UploadId, changedAt: Initiated?.getTime() ?? 0 };
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker ?? '', UploadIdMarker: page.NextUploadIdMarker ?? '' }
        : undefined;
    } while (next);
  }

  /** Repeating it is harmless. */
  async abort(doing: string, { key, uploadId }: Pick<StartedUpload, 'key' | 'uploadId'>): Promise<void> {
    await s3Io(doing, async () => {
      try {
        await this.s3.abortMultipartUpload({ ...this.at(key), UploadId: uploadId });
      } catch (error) {
        if (!isNamed(error, 'NoSuchUpload')) throw error;
      }
    });
  }
}

interface Range {
  readonly bytes: Buffer;
  /** Of the object. */
  readonly total: number;
}
