import { createHash, type Hash } from 'node:crypto';
import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Reference } from '../model/reference.js';
import { stagingIo } from './io-errors.js';
import type { PartialFile } from './port.js';
import { BrokenSeal, MAX_FRAME_BYTES, sealed, unsealed, type Seal } from './sealing.js';
import { chunksOf, syncFolder } from './sync.js';

interface Content {
  hash: Hash;
  /** Bytes of text. */
  bytes: number;
  frames: number;
}

const nothing = (): Content => ({ hash: createHash('sha256'), bytes: 0, frames: 0 });

/** A download in progress: `<path>.part`, sealed, and beside it which version of the source its bytes belong to. */
export class LocalPartialFile implements PartialFile {
  private constructor(
    private readonly path: string,
    private readonly seal: Seal,
    private readonly reserve: (bytes: number) => Promise<void>,
    private readonly handle: FileHandle,
    private content: Content,
    private version: string | undefined,
  ) {}

  /** @param reserve throws where there is no room for a file of that many bytes */
  static async open(path: string, seal: Seal, reserve: (bytes: number) => Promise<void>): Promise<LocalPartialFile> {
    return stagingIo('opening a download', async () => {
      const handle = await open(`${path}.part`, 'a', 0o600);
      try {
        const version = await readVersion(path);
        const { end, ...content } = await readBack(`${path}.part`, seal);
        // What a crash cut off in the middle of a frame is fetched again.
        await handle.truncate(end);
        return new LocalPartialFile(path, seal, reserve, handle, content, version);
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
      await stagingIo('writing a download', async () => {
        // appendFile goes on after a short write, where write would leave the rest out.
        await handle.appendFile(Buffer.concat(sealed(seal, content.frames, text)));
      });
      content.frames += 1;
      content.hash.update(text);
      content.bytes += text.length;
    }
  }

  async restart(validator: string | undefined, expected?: number): Promise<void> {
    if (expected !== undefined) await this.reserve(expected);
    await stagingIo('starting a download afresh', async () => {
      // The old bytes go before the new name comes: a crash in between must not join two versions.
      await this.handle.truncate(0);
      if (validator === undefined) await rm(versionPath(this.path), { force: true });
      else await writeFile(versionPath(this.path), validator, { mode: 0o600 });
    });
    this.content = nothing();
    this.version = validator;
  }

  async complete(): Promise<Reference> {
    return stagingIo('finishing a download', async () => {
      await this.handle.sync();
      await this.handle.close();
      await rename(`${this.path}.part`, this.path);
      await rm(versionPath(this.path), { force: true });
      await syncFolder(dirname(this.path));
      const { bytes, hash } = this.content;
      return { uri: pathToFileURL(this.path).href, bytes, sha256: hash.digest('hex') };
    });
  }

  async close(): Promise<void> {
    await stagingIo('closing a download', () => this.handle.close());
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

const versionPath = (path: string): string => `${path}.part.version`;

async function readVersion(path: string): Promise<string | undefined> {
  try {
    return await readFile(versionPath(path), 'utf8');
  } catch {
    return undefined;
  }
}
