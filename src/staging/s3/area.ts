import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportError } from '../../model/export-error.js';
import { Budget } from '../budget.js';
import { stagingIo } from '../io-errors.js';
import { leftoversIn } from '../leftovers.js';
import { isSafeName, OWNER_FILE, safeName } from '../names.js';
import { readOwnerNote } from '../owner-note.js';
import type { Leftover, StagingArea, StagingOwner } from '../port.js';
import { discardFolder, RunFolder } from '../run-folder.js';
import { BucketNotes } from './bucket-notes.js';
import { Bucket, type BucketOptions } from './bucket.js';
import { discardRun } from './discard.js';
import { S3RunStaging } from './run.js';

export interface S3StagingOptions extends BucketOptions {
  /** Of all keys, without a slash at its ends; empty: none. */
  readonly prefix: string;
  /** Where this machine's folder is made for what must be a file for a while. Default: the system's, for temporary files. */
  readonly temporary?: string;
  /** What all runs together may have, in bytes, with the files that are on machines for a while. Default: no limit. */
  readonly maxBytes?: number;
}

/**
 * Staging in a bucket, which all workers of a deployment share: a run goes on at any of them with the bytes that are there.
 * Credentials are those that the AWS SDK finds by itself.
 *
 * @throws ExportError `StagingUnavailable` where the bucket can't be listed and written, or the temporary folder is not this
 * user's alone; `ConfigurationInvalid` without the SDK
 */
export async function openS3Staging(options: S3StagingOptions): Promise<StagingArea> {
  const { bucket: name, prefix, endpoint = '', temporary = tmpdir(), maxBytes } = options;
  const base = prefix === '' ? '' : `${prefix}/`;
  const id = createHash('sha256').update(`${endpoint}\n${name}/${base}`).digest('hex').slice(0, 12);
  const bucket = await Bucket.of(options);
  await tryOut(bucket, base);
  const runs = `${base}runs/`;
  const budget = maxBytes === undefined ? undefined : new Budget(new BucketNotes(bucket, runs), maxBytes);
  return new S3Staging(id, bucket, runs, await privateFolder(join(temporary, `clari-staging-${id}`)), budget);
}

class S3Staging implements StagingArea {
  constructor(
    readonly id: string,
    private readonly bucket: Bucket,
    /** Of all runs, with a slash at its end. */
    private readonly prefix: string,
    private readonly folder: string,
    private readonly budget: Budget | undefined,
  ) {}

  run(owner: StagingOwner): S3RunStaging {
    const { bucket, prefix, folder, budget } = this;
    const own = `${prefix}${safeName(owner.runKey)}/`;
    return new S3RunStaging(bucket, own, owner, new RunFolder(folder, owner), budget);
  }

  async leftovers(): Promise<readonly Leftover[]> {
    const found = new Map<string, Leftover>();
    for (const left of await stagingIo('looking for leftovers', () => leftoversIn(this.folder)))
      found.set(left.runKey, left);
    for (const [runKey, changedAt] of await this.changes())
      found.set(runKey, await this.leftover(runKey, Math.max(changedAt, found.get(runKey)?.changedAt ?? 0)));
    return [...found.values()];
  }

  private async leftover(runKey: string, changedAt: number): Promise<Leftover> {
    const key = `${this.prefix}${runKey}/${OWNER_FILE}`;
    // One that may not be read says as much as none: the others must be found all the same.
    const owner = readOwnerNote(await this.bucket.get('looking for leftovers', key).catch(() => undefined));
    const folder = join(this.folder, runKey);
    const discard = async (): Promise<void> => {
      await discardRun(this.bucket, `${this.prefix}${runKey}/`);
      await discardFolder(folder);
    };
    return { runKey, ...owner, changedAt, discard };
  }

  /** When each run's objects and uploads changed last, in epoch milliseconds. */
  private async changes(): Promise<ReadonlyMap<string, number>> {
    const { bucket, prefix } = this;
    const changes = new Map<string, number>();
    const doing = 'looking for leftovers';
    for (const found of [bucket.list(doing, prefix), bucket.uploads(doing, prefix)])
      for await (const { key, changedAt } of found) {
        const [runKey = ''] = key.slice(prefix.length).split('/');
        if (isSafeName(runKey)) changes.set(runKey, Math.max(changedAt, changes.get(runKey) ?? 0));
      }
    return changes;
  }
}

/** What would fail every run. */
async function tryOut(bucket: Bucket, base: string): Promise<void> {
  const doing = 'trying out the bucket';
  const probe = `${base}probe`;
  await bucket.uploads(doing, probe).next();
  await bucket.list(doing, probe).next();
  await bucket.put(doing, probe, 'probe');
  await bucket.remove(doing, probe);
}

/** Anybody may make a folder where temporary files are. */
async function privateFolder(path: string): Promise<string> {
  return stagingIo('making a temporary folder', async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await lstat(path);
    const foreign = process.getuid !== undefined && found.uid !== process.getuid();
    if (!found.isDirectory() || foreign || (found.mode & 0o077) !== 0)
      throw new ExportError(
        'StagingUnavailable',
        'The folder for temporary files has a folder of the staging area’s name that others can read.',
      );
    return path;
  });
}
