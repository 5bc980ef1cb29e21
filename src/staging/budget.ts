import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExportError } from '../model/export-error.js';
import { RESERVED_FILE } from './names.js';
import { isGone, readIfThere } from './private-file.js';

/** The file, its pieces without a name, and the tables made of it, together: this many times the file. */
const FOOTPRINT = 3;
const LOOK_AGAIN_MS = 30_000;
const MIB = 1024 * 1024;

/** How much the runs of one folder may have in it. Processes that share the folder share its bounds. */
export class Budget {
  constructor(
    private readonly runs: string,
    private readonly maxBytes: number,
  ) {}

  /**
   * Keeps room for a file of a run that has so many bytes, beside its other files, until the run's folder goes.
   * @throws ExportError `StagingFull` while others have it, `StagingTooSmall` where it can never be
   */
  async reserve(runKey: string, name: string, fileBytes: number): Promise<void> {
    const folder = join(this.runs, runKey);
    const own = noteOf(name);
    const needed = fileBytes * FOOTPRINT + (await reservedIn(folder, own));
    const [max, wanted] = [this.maxBytes, needed].map((bytes) => Math.ceil(bytes / MIB));
    if (needed > this.maxBytes) {
      throw new ExportError(
        'StagingTooSmall',
        `The run needs some ${wanted} MiB of staging, which may hold ${max} MiB.`,
      );
    }
    const note = join(folder, own);
    // Noted before it is counted: two that come at once see each other.
    await writeFile(note, String(fileBytes * FOOTPRINT), { mode: 0o600 });
    const used = await this.used();
    if (used <= this.maxBytes) return;
    await rm(note, { force: true });
    const others = Math.ceil((used - needed) / MIB);
    throw new ExportError(
      'StagingFull',
      `The run needs some ${wanted} MiB of staging, which may hold ${max} MiB and has ${others} MiB in use by others.`,
      { retryAfterMs: LOOK_AGAIN_MS },
    );
  }

  /** Bytes of all runs: what they have reserved, or what is there where that is more. */
  private async used(): Promise<number> {
    let sum = 0;
    for (const runKey of await readdir(this.runs)) sum += await this.usedBy(join(this.runs, runKey));
    return sum;
  }

  private async usedBy(folder: string): Promise<number> {
    const reserved = await reservedIn(folder);
    let there = 0;
    for (const name of await readdir(folder, { recursive: true }).catch(whereGone<string[]>([]))) {
      there += await stat(join(folder, name)).then((file) => file.size, whereGone(0));
    }
    return Math.max(reserved, there);
  }
}

/** The note of what one file of a run needs. */
const noteOf = (name: string): string => `${RESERVED_FILE}-${name}`;

/** What the files of a run need, in bytes, those without a note apart. */
async function reservedIn(folder: string, except?: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder).catch(whereGone<string[]>([]))) {
    if (!name.startsWith(RESERVED_FILE) || name === except) continue;
    // What is no number any more counts for nothing: it would keep all others out.
    sum += Number((await readIfThere(join(folder, name)))?.toString() ?? 0) || 0;
  }
  return sum;
}

const whereGone =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isGone(error)) return instead;
    throw error;
  };
