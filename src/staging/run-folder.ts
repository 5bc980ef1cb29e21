import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createNameless, type NamelessFile } from '../duckdb/nameless-file.js';
import { isOfNoLater, refuseLateAmong, scratchStart } from './epochs.js';
import { stagingIo } from './io-errors.js';
import { OWNER_FILE, safeName } from './names.js';
import { ownerNote } from './owner-note.js';
import type { OpenedFile, StagingOwner } from './port.js';
import { isCode, isGone, makeOnce } from './private-file.js';

const PRIVATE = 0o700;

/** The folder of one run on this machine, for this user alone. It bears the id of its workflow, so that leftovers are known. */
export class RunFolder {
  readonly path: string;

  constructor(
    runs: string,
    private readonly owner: Pick<StagingOwner, 'runKey' | 'workflowId' | 'namespace' | 'epoch'>,
  ) {
    this.path = join(runs, safeName(owner.runKey));
  }

  async make(): Promise<void> {
    await stagingIo('making a staging folder', async () => {
      await makeFolder(this.path);
      await makeOnce(join(this.path, OWNER_FILE), ownerNote(this.owner));
    });
  }

  /** An empty file for plain text, which goes when it is closed. */
  async plain(): Promise<NamelessFile> {
    return stagingIo('making a file', () => createNameless(join(this.path, `${randomBytes(6).toString('hex')}.plain`)));
  }

  /** Text at a path, while it is open. */
  async opened(text: AsyncIterable<Buffer>): Promise<OpenedFile> {
    const plain = await this.plain();
    try {
      await stagingIo('opening a staged file', async () => {
        for await (const piece of text) await plain.handle.appendFile(piece);
      });
    } catch (error) {
      await plain.close();
      throw error;
    }
    return { path: plain.path, close: () => plain.close() };
  }

  async scratch(): Promise<string> {
    await this.make();
    return stagingIo('making a scratch folder', () => mkdtemp(join(this.path, scratchStart(this.owner.epoch))));
  }

  /** @throws ExportError `StagingLost` where a later attempt has anything here */
  async refuseLate(): Promise<void> {
    refuseLateAmong(this.owner.epoch, await this.names());
  }

  /** Removes what this attempt and earlier ones have here. */
  async giveUp(): Promise<void> {
    for (const name of await this.names())
      if (isOfNoLater(this.owner.epoch, name)) await discardFolder(join(this.path, name));
  }

  discard(): Promise<void> {
    return discardFolder(this.path);
  }

  private names(): Promise<string[]> {
    return stagingIo('looking at staged files', () =>
      readdir(this.path).catch((error: unknown) => {
        if (isGone(error)) return [];
        throw error;
      }),
    );
  }
}

/** Removes a folder and what is in it, or a file. Repeating it is harmless. */
export async function discardFolder(path: string): Promise<void> {
  await stagingIo('discarding staged files', () => rm(path, { recursive: true, force: true }));
}

/** Not at once with those above it: Node says of a read-only file system then that the folder does not exist. */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path, { mode: PRIVATE }).catch((error: unknown) => {
      if (!isCode(error, 'EEXIST')) throw error;
    });
  await make().catch(async (error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error;
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE });
    await make();
  });
}
