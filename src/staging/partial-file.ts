import { createHash, type Hash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { syncPath } from '../duckdb/sync-path.js';
import type { Reference } from '../model/reference.js';
import type { Room } from './budget.js';
import { partName, storedName } from './epochs.js';
import { GrowingRoom } from './growing-room.js';
import { stagingIo } from './io-errors.js';
import { beginPart, readVersion, versionOf } from './part-takeover.js';
import type { PartialFile } from './port.js';
import { removeOlder } from './remove-older.js';
import { BrokenSeal, MAX_FRAME_BYTES, sealed, unsealed, type Seal } from './sealing.js';
import { chunksOf, replaceSynced } from './sync.js';

interface Content {
  hash: Hash;
  /** Bytes of text. */
  bytes: number;
  frames: number;
}

const nothing = (): Content => ({ hash: createHash('sha256'), bytes: 0, frames: 0 });

export interface PartPlace {
  readonly folder: string;
  readonly epoch: number;
}

/** A download in progress: sealed, under a name of its attempt, and beside it which version of the source its bytes belong to. */
export class LocalPartialFile implements PartialFile {
  private constructor(
    private readonly place: PartPlace,
    private readonly seal: Seal,
    private readonly room: GrowingRoom,
    private readonly handle: FileHandle,
    private content: Content,
    private version: string | undefined,
  ) {}

  static async open(place: PartPlace, seal: Seal, room: Room): Promise<LocalPartialFile> {
    await room.takeOver();
    return stagingIo('opening a download', async () => {
      const part = await beginPart(place.folder, seal.name, place.epoch);
      const handle = await open(part, 'a', 0o600);
      try {
        const version = await readVersion(part);
        const { end, ...content } = await readBack(part, seal);
        // What a crash cut off in the middle of a frame is fetched again.
        await handle.truncate(end);
        return new LocalPartialFile(place, seal, new GrowingRoom(room), handle, content, version);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  get bytes(): number {
    return this.content.bytes;
  }

  get validator(): string | undefined {
    return this.version;
  }

  async append(chunk: Uint8Array): Promise<void> {
    const { content, seal, handle } = this;
    for (let at = 0; at < chunk.length; at += MAX_FRAME_BYTES) {
      const text = chunk.subarray(at, at + MAX_FRAME_BYTES);
      await this.makeRoom(content.bytes + text.length);
      await stagingIo('writing a download', async () => {
        // appendFile goes on after a short write, where write would leave the rest out.
        await handle.appendFile(Buffer.concat(sealed(seal, content.frames, text)));
      });
      content.frames += 1;
      content.hash.update(text);
      content.bytes += text.length;
    }
  }

  makeRoom(textBytes: number): Promise<void> {
    return this.room.growTo(textBytes, () => this.restart(undefined));
  }

  async restart(validator: string | undefined, expected?: number): Promise<void> {
    if (expected !== undefined) await this.room.reserve(expected);
    await stagingIo('starting a download afresh', async () => {
      // The old bytes go before the new name comes, on the disk too: a crash in between must not join two versions.
      await this.handle.truncate(0);
      await this.handle.sync();
      if (validator === undefined) await rm(versionOf(this.part), { force: true });
      else await replaceSynced(versionOf(this.part), validator);
      await syncPath(this.place.folder);
    });
    this.content = nothing();
    this.version = validator;
  }

  async complete(): Promise<Reference> {
    const { folder, epoch } = this.place;
    const { name } = this.seal;
    return stagingIo('finishing a download', async () => {
      await this.handle.sync();
      await this.handle.close();
      const path = join(folder, storedName(name, epoch));
      await rename(this.part, path);
      await rm(versionOf(this.part), { force: true });
      await removeOlder(folder, name, epoch);
      await syncPath(folder);
      const { bytes, hash } = this.content;
      return { uri: pathToFileURL(path).href, bytes, sha256: hash.digest('hex') };
    });
  }

  async close(): Promise<void> {
    await stagingIo('closing a download', () => this.handle.close());
  }

  private get part(): string {
    return join(this.place.folder, partName(this.seal.name, this.place.epoch));
  }
}

/** Node can't save a hash's state: what is there is hashed again. */
async function readBack(path: string, seal: Seal): Promise<Content & { end: number }> {
  const content = { ...nothing(), end: 0 };
  try {
    for await (const { text, end } of unsealed(seal, chunksOf(path))) {
      content.hash.update(text);
      content.bytes += text.length;
      content.frames += 1;
      content.end = end;
    }
  } catch (error) {
    if (!(error instanceof BrokenSeal)) throw error;
  }
  return content;
}
