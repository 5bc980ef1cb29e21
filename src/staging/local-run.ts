import { createHash, randomBytes, type KeyObject } from 'node:crypto';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createNameless, type NamelessFile } from '../duckdb/nameless-file.js';
import { ExportError } from '../model/export-error.js';
import type { Reference } from '../model/reference.js';
import type { Budget } from './budget.js';
import { stagingError, stagingIo } from './io-errors.js';
import { KEY_FILE, OWNER_FILE, safeName } from './names.js';
import { LocalPartialFile } from './partial-file.js';
import type { OpenedFile, PartialFile, RunStaging, StagingOwner } from './port.js';
import { makeOnce, readIfThere } from './private-file.js';
import { newRunKey, unwrappedRunKey } from './run-key.js';
import { BrokenSeal, sealed, unsealed, type Seal } from './sealing.js';
import { chunksOf, syncFolder } from './sync.js';

const PRIVATE = 0o700;
const FRAME_BYTES = 256 * 1024;

/** The folder of one run. */
export class LocalRunStaging implements RunStaging {
  private readonly folder: string;

  constructor(
    runs: string,
    private readonly owner: StagingOwner,
    private readonly budget: Budget | undefined,
  ) {
    this.folder = join(runs, safeName(owner.runKey));
  }

  async partial(name: string): Promise<PartialFile> {
    const seal = { key: await this.keyToWrite(), name: safeName(name) };
    const reserve = async (bytes: number): Promise<void> => this.budget?.reserve(this.owner.runKey, bytes);
    return LocalPartialFile.open(join(this.folder, name), seal, reserve);
  }

  async produce(name: string, write: (path: string) => Promise<void>): Promise<Reference> {
    const seal = { key: await this.keyToWrite(), name: safeName(name) };
    const path = join(this.folder, name);
    const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    const plain = await stagingIo('making a file', () => createNameless(`${draft}.plain`));
    try {
      await write(plain.path);
      return await stagingIo('putting a file in place', async () => {
        const reference = { uri: pathToFileURL(path).href, ...(await sealFile(plain, draft, seal)) };
        await rename(draft, path);
        await syncFolder(this.folder);
        return reference;
      });
    } finally {
      await plain.close();
      await rm(draft, { force: true });
    }
  }

  async read(reference: Reference): Promise<Readable> {
    const path = this.pathOf(reference);
    await stagingIo('opening a staged file', () => stat(path));
    return Readable.from(checked(path, await this.sealToRead(path), reference), {
      objectMode: false,
      highWaterMark: 1 << 20,
    });
  }

  async open(reference: Reference): Promise<OpenedFile> {
    const path = this.pathOf(reference);
    const seal = await this.sealToRead(path);
    return stagingIo('opening a staged file', async () => {
      const plain = await createNameless(`${path}.${randomBytes(6).toString('hex')}.plain`);
      try {
        for await (const text of checked(path, seal, reference)) await plain.handle.appendFile(text);
      } catch (error) {
        await plain.close();
        throw error;
      }
      return { path: plain.path, close: () => plain.close() };
    });
  }

  async scratch(): Promise<string> {
    return stagingIo('making a scratch folder', async () => {
      await mkdir(this.folder, { recursive: true, mode: PRIVATE });
      return mkdtemp(join(this.folder, 'scratch-'));
    });
  }

  async discard(): Promise<void> {
    await stagingIo('discarding staged files', () => rm(this.folder, { recursive: true, force: true }));
  }

  private async keyToWrite(): Promise<KeyObject> {
    const { runKey, workflowId, wrapping } = this.owner;
    const make = async (): Promise<KeyObject> => {
      await mkdir(this.folder, { recursive: true, mode: PRIVATE });
      await makeOnce(join(this.folder, OWNER_FILE), workflowId);
      if (!(await readIfThere(join(this.folder, KEY_FILE))))
        await makeOnce(join(this.folder, KEY_FILE), (await newRunKey(wrapping, runKey)).wrapped);
      return this.keyToRead();
    };
    return stagingIo('making a staging folder', async () => {
      try {
        return await make();
      } catch (error) {
        if (!isLost(error)) throw error;
        // Sealed under a key that is gone: what is there is worth nothing any more.
        await this.discard();
        return make();
      }
    });
  }

  private async keyToRead(): Promise<KeyObject> {
    const { runKey, wrapping } = this.owner;
    const wrapped = await stagingIo('reading a key', () => readIfThere(join(this.folder, KEY_FILE)));
    if (!wrapped) throw new ExportError('StagingLost', 'The staged files are gone.');
    try {
      return await unwrappedRunKey(wrapping, runKey, wrapped);
    } catch (error) {
      if (!(error instanceof BrokenSeal)) throw error;
      throw new ExportError('StagingLost', 'The staged files are sealed under a key that this worker does not have.');
    }
  }

  private async sealToRead(path: string): Promise<Seal> {
    return { key: await this.keyToRead(), name: basename(path) };
  }

  /** References come from a history, so they are believed only inside the run's own folder. */
  private pathOf(reference: Reference): string {
    const path = reference.uri.startsWith('file:') ? resolve(fileURLToPath(reference.uri)) : '';
    if (!path.startsWith(this.folder + sep)) {
      throw new ExportError('StagingLost', 'A staged file belongs to another staging folder than this worker has.');
    }
    return path;
  }
}

const isLost = (error: unknown): boolean => error instanceof ExportError && error.type === 'StagingLost';

/** Seals what `plain` holds into a new file, which is synced. */
async function sealFile(plain: NamelessFile, path: string, seal: Seal): Promise<Omit<Reference, 'uri'>> {
  const hash = createHash('sha256');
  const target = await open(path, 'wx', 0o600);
  try {
    let bytes = 0;
    for (let frame = 0; ; frame++) {
      const { bytesRead, buffer } = await plain.handle.read(Buffer.allocUnsafe(FRAME_BYTES), 0, FRAME_BYTES, bytes);
      if (bytesRead === 0 && frame > 0) break;
      const text = buffer.subarray(0, bytesRead);
      hash.update(text);
      await target.appendFile(Buffer.concat(sealed(seal, frame, text)));
      bytes += bytesRead;
    }
    await target.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await target.close();
  }
}

/** The text of a staged file; errors at its end when it is not that of the reference. */
async function* checked(path: string, seal: Seal, reference: Reference): AsyncGenerator<Buffer, void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const { text } of unsealed(seal, chunksOf(path))) {
      hash.update(text);
      bytes += text.length;
      if (text.length > 0) yield text;
    }
  } catch (error) {
    throw error instanceof BrokenSeal ? changed() : stagingError('reading a file', error);
  }
  if (bytes !== reference.bytes || hash.digest('hex') !== reference.sha256) throw changed();
}

function changed(): ExportError {
  return new ExportError('StagingLost', 'A staged file has changed since it was written.');
}
