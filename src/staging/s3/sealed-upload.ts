import type { CompletedPart } from '@aws-sdk/client-s3';
import { ExportError } from '../../model/export-error.js';
import { sealed, sealedLength, type Seal } from '../sealing.js';
import { FRAME_BYTES } from '../staged-text.js';
import type { Bucket } from './bucket.js';
import { isLost, s3Io } from './errors.js';

const FRAMES_PER_PART = 32;
/** Text of every part but the last, 8 MiB: what is uploaded can be told from the number of parts alone. S3 wants at least 5 MiB. */
export const PART_BYTES = FRAMES_PER_PART * FRAME_BYTES;
const MAX_PARTS = 10_000;
const COPIES_AT_ONCE = 8;
const FINISHING = 'finishing an upload';

/** Text on its way into one object: sealed in frames, sent in parts, in order. What is in a part survives the process. */
export class SealedUpload {
  private readonly waiting = Buffer.allocUnsafe(PART_BYTES);
  private filled = 0;

  private constructor(
    private readonly bucket: Bucket,
    readonly key: string,
    private readonly seal: Seal,
    readonly uploadId: string,
    private readonly parts: CompletedPart[],
  ) {}

  static async begin(bucket: Bucket, key: string, seal: Seal): Promise<SealedUpload> {
    const { UploadId = '' } = await s3Io('starting an upload', () =>
      bucket.s3.createMultipartUpload({ ...bucket.at(key), ...bucket.encrypted }),
    );
    return new SealedUpload(bucket, key, seal, UploadId, []);
  }

  /** Goes on behind the full parts that are there. @throws ExportError `StagingLost` where the upload was finished or aborted */
  static async resume(bucket: Bucket, key: string, seal: Seal, uploadId: string): Promise<SealedUpload> {
    const upload = new SealedUpload(bucket, key, seal, uploadId, []);
    await upload.findParts();
    return upload;
  }

  /** Bytes of text in the parts. */
  get keptBytes(): number {
    return this.parts.length * PART_BYTES;
  }

  async write(text: Uint8Array): Promise<void> {
    for (let at = 0; at < text.length;) {
      const piece = text.subarray(at, at + PART_BYTES - this.filled);
      this.waiting.set(piece, this.filled);
      this.filled += piece.length;
      at += piece.length;
      if (this.filled === PART_BYTES) await this.send();
    }
  }

  /** Makes the object of all that was written. */
  async finish(): Promise<void> {
    const length = sealedLength(this.keptBytes + this.filled, FRAME_BYTES);
    // An upload without a part can't be finished.
    if (this.filled > 0 || this.parts.length === 0) await this.send();
    try {
      await this.cut();
    } catch (error) {
      // S3 may have finished it and its answer been lost on the way.
      if (isLost(error) && (await this.bucket.lengthOf(FINISHING, this.key)) === length) return;
      throw error;
    }
  }

  /** Makes the object of the parts that are there. The upload takes no more. */
  async cut(): Promise<void> {
    await s3Io(FINISHING, () =>
      this.bucket.s3.completeMultipartUpload({
        ...this.bucket.at(this.key),
        UploadId: this.uploadId,
        MultipartUpload: { Parts: this.parts },
      }),
    );
  }

  /** Begins with the text of an object that was made of full parts, which S3 copies. @param bytes of text */
  async copyFrom(key: string, bytes: number): Promise<void> {
    const count = bytes / PART_BYTES;
    for (let first = 1; first <= count; first += COPIES_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(COPIES_AT_ONCE, count - first + 1) }, (_, place) => first + place);
      this.parts.push(...(await Promise.all(numbers.map((number) => this.copyPart(key, number)))));
    }
  }

  async abort(): Promise<void> {
    await this.bucket.abort('aborting an upload', { key: this.key, uploadId: this.uploadId });
  }

  /** A part that is not full was the last one of an attempt that died before it finished: it is written over. */
  private async findParts(): Promise<void> {
    let marker: string | undefined;
    do {
      const page = await s3Io('looking for uploaded parts', () =>
        this.bucket.s3.listParts({
          ...this.bucket.at(this.key),
          UploadId: this.uploadId,
          ...(marker === undefined ? {} : { PartNumberMarker: marker }),
        }),
      );
      for (const { PartNumber, Size, ETag, ChecksumCRC32 } of page.Parts ?? []) {
        const number = this.parts.length + 1;
        if (PartNumber !== number || Size !== sealedPart(number)) return;
        this.parts.push(partOf(number, { ETag, ChecksumCRC32 }));
      }
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
  }

  private async copyPart(key: string, number: number): Promise<CompletedPart> {
    const end = sealedLength(number * PART_BYTES, FRAME_BYTES);
    const { CopyPartResult = {} } = await s3Io('going on with a file', () =>
      this.bucket.s3.uploadPartCopy({
        ...this.bucket.at(this.key),
        UploadId: this.uploadId,
        PartNumber: number,
        CopySource: encodeURI(`${this.bucket.name}/${key}`),
        CopySourceRange: `bytes=${end - sealedPart(number)}-${end - 1}`,
      }),
    );
    return partOf(number, CopyPartResult);
  }

  private async send(): Promise<void> {
    const { filled, waiting, seal } = this;
    const number = this.parts.length + 1;
    if (number > MAX_PARTS)
      throw new ExportError('StagingTooSmall', 'A file in S3 may have 78 GiB at most, and this one has more.');
    const frames: Buffer[] = [];
    const first = this.parts.length * FRAMES_PER_PART;
    for (let place = 0, at = 0; at < filled || at === 0; place++, at += FRAME_BYTES)
      frames.push(...sealed(seal, first + place, waiting.subarray(at, Math.min(at + FRAME_BYTES, filled))));
    const sent = await s3Io('writing a file', () =>
      this.bucket.s3.uploadPart({
        ...this.bucket.at(this.key),
        UploadId: this.uploadId,
        PartNumber: number,
        Body: Buffer.concat(frames),
      }),
    );
    this.parts.push(partOf(number, sent));
    this.filled = 0;
  }
}

const sealedPart = (number: number): number =>
  sealedLength(number * PART_BYTES, FRAME_BYTES) -
  (number === 1 ? 0 : sealedLength((number - 1) * PART_BYTES, FRAME_BYTES));

/** S3 asks for the checksum again at the end where it took one with the part. */
const partOf = (
  PartNumber: number,
  { ETag, ChecksumCRC32 }: { ETag?: string | undefined; ChecksumCRC32?: string | undefined },
): CompletedPart => ({
  PartNumber,
  ...(ETag === undefined ? {} : { ETag }),
  ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
});
