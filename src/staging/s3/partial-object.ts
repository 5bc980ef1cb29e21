import { createHash, type Hash } from 'node:crypto';
import { ExportError } from '../../model/export-error.js';
import type { Reference } from '../../model/reference.js';
import type { PartialFile } from '../port.js';
import { BrokenSeal, textLength, unsealed, type Seal } from '../sealing.js';
import { changed, FRAME_BYTES } from '../staged-text.js';
import type { Bucket } from './bucket.js';
import { SealedUpload } from './sealed-upload.js';

/** What is beside an upload in progress: which it is, and which version of the source its bytes belong to. */
interface Note {
  readonly uploadId: string;
  readonly validator: string | null;
}

/** What an attempt finds of the ones before it. */
interface Found {
  readonly bytes: number;
  readonly validator: string | undefined;
  /** Undefined where nothing was begun, or the object is there. */
  readonly upload?: SealedUpload;
  /** It was finished by an attempt that did not live to say so. */
  readonly finished: boolean;
}

const NOTHING: Found = { bytes: 0, validator: undefined, finished: false };
const OPENING = 'opening a download';

/** A download in progress: a multipart upload, whose full parts an attempt goes on from, and a note beside it, `<key>.part`. */
export class PartialObject implements PartialFile {
  readonly bytes: number;
  readonly validator: string | undefined;
  private upload: SealedUpload | undefined;
  private finished: boolean;
  /** Of all bytes; undefined where some came in an earlier attempt: Node can't save a hash's state, and S3 gives no part back. */
  private hash: Hash | undefined;
  private length: number;

  private constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly seal: Seal,
    { bytes, validator, upload, finished }: Found,
  ) {
    this.bytes = bytes;
    this.validator = validator;
    this.upload = upload;
    this.finished = finished;
    this.length = bytes;
    this.hash = bytes === 0 && !finished ? createHash('sha256') : undefined;
  }

  static async open(bucket: Bucket, key: string, seal: Seal): Promise<PartialObject> {
    return new PartialObject(bucket, key, seal, await find(bucket, key, seal));
  }

  async append(chunk: Uint8Array): Promise<void> {
    if (this.finished) {
      await this.forget();
      throw new ExportError('StagingLost', 'More came of a file that was finished before.');
    }
    const upload = this.upload ?? (await this.begun(undefined));
    await upload.write(chunk);
    this.hash?.update(chunk);
    this.length += chunk.length;
  }

  async restart(validator: string | undefined): Promise<void> {
    await this.begun(validator);
  }

  async complete(): Promise<Reference> {
    if (!this.finished) await (this.upload ?? (await this.begun(undefined))).finish();
    const sha256 = this.hash?.digest('hex') ?? (await this.readBack());
    await this.forget();
    return { uri: `s3://${this.bucket.name}/${this.key}`, bytes: this.length, sha256 };
  }

  /** What is not in a full part yet is fetched again. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async begun(validator: string | undefined): Promise<SealedUpload> {
    const { bucket, key } = this;
    const doing = 'starting a download afresh';
    // The object goes first: one that is there although the upload is gone is then known to be made by it.
    await bucket.remove(doing, key);
    await this.upload?.abort();
    const upload = await SealedUpload.begin(bucket, key, this.seal);
    const note: Note = { uploadId: upload.uploadId, validator: validator ?? null };
    await bucket.put(doing, noteOf(key), JSON.stringify(note));
    this.finished = false;
    this.hash = createHash('sha256');
    this.length = 0;
    return (this.upload = upload);
  }

  /** The hash of the object, which is proved whole on the way. */
  private async readBack(): Promise<string> {
    const hash = createHash('sha256');
    let length = 0;
    try {
      for await (const { text } of unsealed(this.seal, this.bucket.chunks('reading a download back', this.key))) {
        hash.update(text);
        length += text.length;
      }
      if (length !== this.length) throw new BrokenSeal();
    } catch (error) {
      if (!(error instanceof BrokenSeal)) throw error;
      // The next attempt must not find it again.
      await this.forget();
      throw changed();
    }
    return hash.digest('hex');
  }

  private async forget(): Promise<void> {
    await this.bucket.remove('finishing a download', noteOf(this.key));
  }
}

async function find(bucket: Bucket, key: string, seal: Seal): Promise<Found> {
  const note = readNote(await bucket.get(OPENING, noteOf(key)));
  if (!note) return NOTHING;
  const validator = note.validator ?? undefined;
  try {
    const upload = await SealedUpload.resume(bucket, key, seal, note.uploadId);
    return { bytes: upload.keptBytes, validator, upload, finished: false };
  } catch (error) {
    if (!(error instanceof ExportError && error.type === 'StagingLost')) throw error;
  }
  const length = await bucket.lengthOf(OPENING, key);
  return length === undefined ? NOTHING : { bytes: textLength(length, FRAME_BYTES), validator, finished: true };
}

const noteOf = (key: string): string => `${key}.part`;

function readNote(bytes: Uint8Array | undefined): Note | undefined {
  if (!bytes) return undefined;
  try {
    // Nobody but `begun` writes it, whole or not at all.
    return JSON.parse(Buffer.from(bytes).toString()) as Note;
  } catch {
    // Spoilt since: the download begins anew.
    return undefined;
  }
}
