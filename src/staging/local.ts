import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, mkdtemp, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline, Transform, type Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExportError } from '../model/export-error.js';
import type { Reference } from '../model/reference.js';
import { stagingIo } from './io-errors.js';
import { LocalPartialFile } from './partial-file.js';
import type { PartialFile, RunStaging, StagingArea } from './port.js';
import { hashFile, syncFolder } from './sync.js';

const PRIVATE = 0o700;

/**
 * Staging in a folder of the worker’s own.
 *
 * @param root made if missing, readable by its owner alone; a file `id` in it names its queue, so that a restarted worker finds
 * its runs again and a second root never gets them
 * @throws ExportError `StagingUnavailable`
 */
export async function openLocalStaging(root: string): Promise<StagingArea> {
  return stagingIo('opening the staging folder', async () => {
    await mkdir(join(root, 'runs'), { recursive: true, mode: PRIVATE });
    const base = await realpath(root);
    const id = (await readId(base)) ?? (await makeId(base));
    return { id, run: (runKey) => new LocalRunStaging(join(base, 'runs', safeName(runKey))) };
  });
}

/** Read before anything is written: a worker must come up on a full disk too, to discard what fills it. */
async function readId(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, 'id'), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  const id = text?.trim();
  if (id !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new ExportError('StagingUnavailable', 'The staging folder’s file "id" holds no id.');
  return id;
}

async function makeId(root: string): Promise<string> {
  const draft = join(root, `id.${randomBytes(6).toString('hex')}`);
  await writeFile(draft, randomBytes(6).toString('hex'), { mode: 0o600 });
  try {
    // A link fails where the file exists: of two workers that start at once, one makes the id and both read it.
    await link(draft, join(root, 'id'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft);
  }
  return (await readId(root)) ?? '';
}

function safeName(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name))
    throw new ExportError('Unexpected', 'A staging name has a forbidden character.');
  return name;
}

class LocalRunStaging implements RunStaging {
  constructor(private readonly folder: string) {}

  async partial(name: string): Promise<PartialFile> {
    return LocalPartialFile.open(await this.place(name));
  }

  async produce(name: string, write: (path: string) => Promise<void>): Promise<Reference> {
    const path = await this.place(name);
    const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await write(draft);
      return await stagingIo('putting a file in place', async () => {
        const handle = await open(draft, 'r');
        await handle.sync();
        await handle.close();
        const { hash, bytes } = await hashFile(draft);
        await rename(draft, path);
        await syncFolder(dirname(path));
        return { uri: pathToFileURL(path).href, bytes, sha256: hash.digest('hex') };
      });
    } finally {
      await rm(draft, { force: true });
    }
  }

  async read(reference: Reference): Promise<Readable> {
    const path = this.pathOf(reference);
    const handle = await stagingIo('opening a staged file', () => open(path, 'r'));
    const checked = checking(reference);
    // The callback is needed, not its argument: an error of either stream ends the other, and the reader sees it.
    pipeline(createReadStream('', { fd: handle, highWaterMark: 1 << 20 }), checked, () => undefined);
    return checked;
  }

  async localPath(reference: Reference): Promise<string> {
    const path = this.pathOf(reference);
    const { hash, bytes } = await stagingIo('checking a staged file', () => hashFile(path));
    if (bytes !== reference.bytes || hash.digest('hex') !== reference.sha256) throw changed();
    return path;
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

  private async place(name: string): Promise<string> {
    await stagingIo('making a staging folder', () => mkdir(this.folder, { recursive: true, mode: PRIVATE }));
    return join(this.folder, safeName(name));
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

/** Passes bytes through and errors at the end when they are not those of the reference. */
function checking(reference: Reference): Transform {
  const hash = createHash('sha256');
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(bytes === reference.bytes && hash.digest('hex') === reference.sha256 ? null : changed());
    },
  });
}

function changed(): ExportError {
  return new ExportError('StagingLost', 'A staged file has changed since it was written.');
}
