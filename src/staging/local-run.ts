import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { NamelessFile } from '../duckdb/nameless-file.js';
import { syncPath } from '../duckdb/sync-path.js';
import { ExportError } from '../model/export-error.js';
import type { Reference } from '../model/reference.js';
import { noBound, type Budget } from './budget.js';
import { sealName, storedName } from './epochs.js';
import { stagingIo } from './io-errors.js';
import { KeptKey } from './kept-key.js';
import { KEY_FILE, safeName } from './names.js';
import { LocalPartialFile } from './partial-file.js';
import type { OpenedFile, PartialFile, RunStaging, StagingOwner } from './port.js';
import { makeOnce, readIfThere } from './private-file.js';
import { removeOlder } from './remove-older.js';
import { RunFolder } from './run-folder.js';
import { sealed, type Seal } from './sealing.js';
import { checkedText, FRAME_BYTES, textStream } from './staged-text.js';
import { chunksOf } from './sync.js';

/** The part of one run in a folder. */
export class LocalRunStaging implements RunStaging {
  private readonly folder: RunFolder;
  private readonly key: KeptKey;

  constructor(
    runs: string,
    private readonly owner: StagingOwner,
    private readonly budget: Budget | undefined,
  ) {
    const folder = new RunFolder(runs, owner);
    const keyPath = join(folder.path, KEY_FILE);
    this.folder = folder;
    this.key = new KeptKey(owner, {
      read: () => stagingIo('reading a key', () => readIfThere(keyPath)),
      async keep(wrapped) {
        await folder.make();
        await stagingIo('making a staging folder', () => makeOnce(keyPath, wrapped));
      },
      async begin() {
        await folder.refuseLate();
        await folder.discard();
      },
    });
  }

  async partial(name: string): Promise<PartialFile> {
    const seal = { key: await this.key.toWrite(), name: safeName(name) };
    const { runKey, epoch } = this.owner;
    const room = this.budget?.roomFor(runKey, name, epoch) ?? noBound;
    return LocalPartialFile.open({ folder: this.folder.path, epoch }, seal, room);
  }

  async produce(name: string, write: (path: string) => Promise<void>): Promise<Reference> {
    const seal = { key: await this.key.toWrite(), name: safeName(name) };
    const { epoch } = this.owner;
    const path = join(this.folder.path, storedName(name, epoch));
    const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    const plain = await this.folder.plain();
    try {
      await write(plain.path);
      return await stagingIo('putting a file in place', async () => {
        const reference = { uri: pathToFileURL(path).href, ...(await sealFile(plain, draft, seal)) };
        await rename(draft, path);
        await removeOlder(this.folder.path, name, epoch);
        await syncPath(this.folder.path);
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
    return textStream(chunksOf(path), await this.sealToRead(path), reference);
  }

  async open(reference: Reference): Promise<OpenedFile> {
    const path = this.pathOf(reference);
    const seal = await this.sealToRead(path);
    return this.folder.opened(checkedText(chunksOf(path), seal, reference));
  }

  scratch(): Promise<string> {
    return this.folder.scratch();
  }

  async giveUp(): Promise<void> {
    await this.folder.refuseLate();
    await this.folder.giveUp();
  }

  discard(): Promise<void> {
    return this.folder.discard();
  }

  private async sealToRead(path: string): Promise<Seal> {
    return { key: await this.key.toRead(), name: sealName(basename(path)) };
  }

  /** References come from a history, so they are believed only inside the run's own folder. */
  private pathOf(reference: Reference): string {
    const path = reference.uri.startsWith('file:') ? resolve(fileURLToPath(reference.uri)) : '';
    if (!path.startsWith(this.folder.path + sep)) {
      throw new ExportError('StagingLost', 'A staged file belongs to another staging folder than this worker has.');
    }
    return path;
  }
}

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
