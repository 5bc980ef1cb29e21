import { createHash, type Hash } from 'node:crypto';
import { open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Reference } from '../model/reference.js';
import { stagingIo } from './io-errors.js';
import type { PartialFile } from './port.js';
import { hashFile, syncFolder } from './sync.js';

/** A download in progress: `<path>.part`, and beside it which version of the source its bytes belong to. */
export class LocalPartialFile implements PartialFile {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private hash: Hash,
    private length: number,
    private version: string | undefined,
  ) {}

  static async open(path: string): Promise<LocalPartialFile> {
    return stagingIo('opening a download', async () => {
      const handle = await open(`${path}.part`, 'a', 0o600);
      const version = await readVersion(path);
      // Node can't save a hash's state: what is there is hashed again.
      const { hash, bytes } = await hashFile(`${path}.part`);
      return new LocalPartialFile(path, handle, hash, bytes, version);
    });
  }

  get bytes(): number {
    return this.length;
  }

  get validator(): string | undefined {
    return this.version;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await stagingIo('writing a download', async () => {
      // appendFile goes on after a short write, where write would leave the rest out.
      await this.handle.appendFile(chunk);
    });
    this.hash.update(chunk);
    this.length += chunk.length;
  }

  async restart(validator: string | undefined): Promise<void> {
    await stagingIo('starting a download afresh', async () => {
      // The old bytes go before the new name comes: a crash in between must not join two versions.
      await this.handle.truncate(0);
      if (validator === undefined) await rm(versionPath(this.path), { force: true });
      else await writeFile(versionPath(this.path), validator, { mode: 0o600 });
    });
    this.hash = createHash('sha256');
    this.length = 0;
    this.version = validator;
  }

  async complete(): Promise<Reference> {
    return stagingIo('finishing a download', async () => {
      await this.handle.sync();
      await this.handle.close();
      await rename(`${this.path}.part`, this.path);
      await rm(versionPath(this.path), { force: true });
      await syncFolder(dirname(this.path));
      return { uri: pathToFileURL(this.path).href, bytes: this.length, sha256: this.hash.digest('hex') };
    });
  }

  async close(): Promise<void> {
    await stagingIo('closing a download', () => this.handle.close());
  }
}

const versionPath = (path: string): string => `${path}.part.version`;

async function readVersion(path: string): Promise<string | undefined> {
  try {
    return await readFile(versionPath(path), 'utf8');
  } catch {
    return undefined;
  }
}
