import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { NamelessFile } from '../../duckdb/nameless-file.js';
import { ExportError } from '../../model/export-error.js';
import type { Reference } from '../../model/reference.js';
import { noBound, type Budget } from '../budget.js';
import { sealName } from '../epochs.js';
import { KeptKey } from '../kept-key.js';
import { isSafeName, KEY_FILE, OWNER_FILE, safeName } from '../names.js';
import { ownerNote } from '../owner-note.js';
import type { OpenedFile, PartialFile, RunStaging, StagingOwner } from '../port.js';
import type { RunFolder } from '../run-folder.js';
import type { Seal } from '../sealing.js';
import { checkedText, FRAME_BYTES, textStream } from '../staged-text.js';
import type { Bucket } from './bucket.js';
import { discardRun, giveUpRun, refuseLateIn } from './discard.js';
import { PartialObject } from './partial-object.js';
import { keyOf, type PartPlace } from './part-takeover.js';
import { removeOlder } from './remove-older.js';
import { SealedUpload } from './sealed-upload.js';

const READING = 'reading a file';

/** The part of one run in a bucket: objects under a prefix of its own, and a folder on this machine for what must be a file. */
export class S3RunStaging implements RunStaging {
  private readonly key: KeptKey;

  constructor(
    private readonly bucket: Bucket,
    /** Of the run's keys, with a slash at its end. */
    private readonly prefix: string,
    private readonly owner: StagingOwner,
    private readonly folder: RunFolder,
    private readonly budget: Budget | undefined,
  ) {
    this.key = new KeptKey(owner, {
      read: () => bucket.get('reading a key', prefix + KEY_FILE),
      async keep(wrapped) {
        await bucket.putOnce('making a key', prefix + OWNER_FILE, ownerNote(owner));
        await bucket.putOnce('making a key', prefix + KEY_FILE, wrapped);
      },
      begin: async () => {
        await this.refuseLate();
        await this.discard();
      },
    });
  }

  async partial(name: string): Promise<PartialFile> {
    const { runKey, epoch } = this.owner;
    const room = this.budget?.roomFor(runKey, name, epoch) ?? noBound;
    return PartialObject.open(this.placeOf(safeName(name)), await this.sealToWrite(name), room);
  }

  async produce(name: string, write: (path: string) => Promise<void>): Promise<Reference> {
    const seal = await this.sealToWrite(safeName(name));
    await this.folder.make();
    const plain = await this.folder.plain();
    try {
      await write(plain.path);
      return await this.upload(plain, name, seal);
    } finally {
      await plain.close();
    }
  }

  async read(reference: Reference): Promise<Readable> {
    const [bytes, seal] = await this.staged(reference);
    return textStream(bytes, seal, reference);
  }

  async open(reference: Reference): Promise<OpenedFile> {
    const [bytes, seal] = await this.staged(reference);
    await this.folder.make();
    return this.folder.opened(checkedText(bytes, seal, reference));
  }

  scratch(): Promise<string> {
    return this.folder.scratch();
  }

  async giveUp(): Promise<void> {
    await this.refuseLate();
    await giveUpRun(this.bucket, this.prefix, this.owner.epoch);
    await this.folder.giveUp();
  }

  async discard(): Promise<void> {
    await discardRun(this.bucket, this.prefix);
    await this.folder.discard();
  }

  private async refuseLate(): Promise<void> {
    await refuseLateIn(this.bucket, this.prefix, this.owner.epoch);
    await this.folder.refuseLate();
  }

  /** Where it fails, the upload stays until the run is discarded. */
  private async upload(plain: NamelessFile, name: string, seal: Seal): Promise<Reference> {
    const place = this.placeOf(name);
    const upload = await SealedUpload.begin(this.bucket, keyOf(place, 0), seal);
    const hash = createHash('sha256');
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await plain.handle.read(Buffer.allocUnsafe(FRAME_BYTES), 0, FRAME_BYTES, bytes);
      if (bytesRead === 0) break;
      const text = buffer.subarray(0, bytesRead);
      hash.update(text);
      await upload.write(text);
      bytes += bytesRead;
    }
    await upload.finish();
    await removeOlder(place, upload.key);
    return { uri: `s3://${this.bucket.name}/${upload.key}`, bytes, sha256: hash.digest('hex') };
  }

  private placeOf(name: string): PartPlace {
    return { bucket: this.bucket, prefix: this.prefix, name, epoch: this.owner.epoch };
  }

  private async sealToWrite(name: string): Promise<Seal> {
    return { key: await this.key.toWrite(), name };
  }

  private async staged(reference: Reference): Promise<[bytes: AsyncIterable<Buffer>, seal: Seal]> {
    const name = this.nameOf(reference);
    const seal = { key: await this.key.toRead(), name: sealName(name) };
    return [this.bucket.chunks(READING, this.prefix + name), seal];
  }

  /** References come from a history, so they are believed only below the run's own prefix. */
  private nameOf({ uri }: Reference): string {
    const own = `s3://${this.bucket.name}/${this.prefix}`;
    const name = uri.startsWith(own) ? uri.slice(own.length) : '';
    if (isSafeName(name)) return name;
    throw new ExportError('StagingLost', 'A staged file belongs to another staging area than this worker has.');
  }
}
