import { createHash, type Hash } from 'node:crypto';
import { ExportError } from '../../model/export-error.js';
import type { Reference } from '../../model/reference.js';
import type { Room } from '../budget.js';
import { GrowingRoom } from '../growing-room.js';
import type { PartialFile } from '../port.js';
import { BrokenSeal, unsealed, type Seal } from '../sealing.js';
import { changed } from '../staged-text.js';
import { writePartNote } from './part-note.js';
import { keyOf, noteKey, takeOver, type Found, type PartPlace } from './part-takeover.js';
import { removeOlder } from './remove-older.js';
import { SealedUpload } from './sealed-upload.js';

/** A download in progress: a multipart upload, whose full parts an attempt goes on from, and a note beside it. */
export class PartialObject implements PartialFile {
  readonly bytes: number;
  readonly validator: string | undefined;
  private upload: SealedUpload | undefined;
  /** How often this attempt has begun. */
  private begun: number;
  /** Of the object. */
  private key: string;
  private finished: boolean;
  /** Of all bytes; undefined where some came in an earlier attempt: Node can't save a hash's state, and S3 gives no part back. */
  private hash: Hash | undefined;
  private length: number;

  private constructor(
    private readonly place: PartPlace,
    private readonly seal: Seal,
    private readonly room: GrowingRoom,
    { bytes, validator, begun, upload, finished }: Found,
  ) {
    this.bytes = bytes;
    this.validator = validator;
    this.begun = begun;
    this.upload = upload;
    this.finished = finished !== undefined;
    this.key = finished ?? upload?.key ?? '';
    this.length = bytes;
    this.hash = bytes === 0 && !this.finished ? createHash('sha256') : undefined;
  }

  static async open(place: PartPlace, seal: Seal, room: Room): Promise<PartialObject> {
    await room.takeOver();
    return new PartialObject(place, seal, new GrowingRoom(room), await takeOver(place, seal));
  }

  async append(chunk: Uint8Array): Promise<void> {
    if (this.finished) {
      await this.forget();
      throw new ExportError('StagingLost', 'More came of a file that was finished before.');
    }
    await this.makeRoom(this.length + chunk.length);
    const upload = this.upload ?? (await this.begin(undefined));
    await upload.write(chunk);
    this.hash?.update(chunk);
    this.length += chunk.length;
  }

  makeRoom(textBytes: number): Promise<void> {
    return this.room.growTo(textBytes, () => this.restart(undefined));
  }

  async restart(validator: string | undefined, expected?: number): Promise<void> {
    if (expected !== undefined) await this.room.reserve(expected);
    await this.begin(validator);
  }

  async complete(): Promise<Reference> {
    if (!this.finished) await (this.upload ?? (await this.begin(undefined))).finish();
    const sha256 = this.hash?.digest('hex') ?? (await this.readBack());
    await this.forget();
    await removeOlder(this.place, this.key);
    return { uri: `s3://${this.place.bucket.name}/${this.key}`, bytes: this.length, sha256 };
  }

  /** What is not in a full part yet is fetched again. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async begin(validator: string | undefined): Promise<SealedUpload> {
    const { place, begun } = this;
    const { bucket } = place;
    const doing = 'starting a download afresh';
    await this.upload?.abort();
    const key = keyOf(place, begun);
    // One that is there although the upload is gone is then known to be made by it.
    await bucket.remove(doing, key);
    const upload = await SealedUpload.begin(bucket, key, this.seal);
    const note = { key, uploadId: upload.uploadId, validator: validator ?? null, begun };
    await writePartNote(bucket, doing, noteKey(place, place.epoch), note);
    this.key = key;
    this.begun += 1;
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
      for await (const { text } of unsealed(this.seal, this.place.bucket.chunks('reading a download back', this.key))) {
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
    await this.place.bucket.remove('finishing a download', noteKey(this.place, this.place.epoch));
  }
}
