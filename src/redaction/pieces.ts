import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createNameless, type NamelessFile } from '../duckdb/nameless-file.js';
import { ExportError } from '../model/export-error.js';
import { listNames, type ListName } from './lists.js';
import type { SplitSink } from './split/split-sink.js';

const BLOCK = 1024 * 1024;
/** The split records on disk: one nameless file for each list. */
export class Pieces implements SplitSink<ListName> {
  readonly #scratch: string;
  readonly #pieces = new Map<ListName, Piece>();

  private constructor(scratch: string) {
    this.#scratch = scratch;
  }

  /** Makes the files in `scratch`, a private folder. @throws ExportError `StagingUnavailable` */
  static async create(scratch: string, nameless?: boolean): Promise<Pieces> {
    const pieces = new Pieces(scratch);
    try {
      for (const list of listNames)
        pieces.#pieces.set(list, await Piece.create(join(pieces.#scratch, `${list}-${randomUUID()}.ndjson`), nameless));
    } catch (error) {
      await pieces.close();
      throw error;
    }
    return pieces;
  }

  write(list: ListName, bytes: Uint8Array): void {
    this.#piece(list).append(bytes);
  }

  /** Waits until what has gathered is on its way, so that memory stays bounded; `all`: until everything is written. */
  async settle(all = false): Promise<void> {
    for (const piece of this.#pieces.values()) await piece.settle(all);
  }

  /** A list's records, for DuckDB to read. */
  records(list: ListName): RecordsFile {
    const { path, longest } = this.#piece(list);
    return { path, longest };
  }

  /** Forgets the files. Repeating it is harmless. */
  async close(): Promise<void> {
    const pieces = [...this.#pieces.values()];
    this.#pieces.clear();
    for (const piece of pieces) await piece.close();
  }

  #piece(list: ListName): Piece {
    const piece = this.#pieces.get(list);
    if (piece === undefined) throw new RangeError('The pieces are closed.');
    return piece;
  }
}

/** Records, one a line. */
export interface RecordsFile {
  readonly path: string;
  /** Bytes of the longest one, or more. */
  readonly longest: number;
}

const NEWLINE = 0x0a;

class Piece {
  readonly #file: NamelessFile;
  #block: Buffer = Buffer.allocUnsafe(0);
  #spare: Buffer | undefined;
  #filled = 0;
  /** Bytes since the last newline. */
  #open = 0;
  #longest = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: NamelessFile) {
    this.#file = file;
  }

  static async create(name: string, nameless?: boolean): Promise<Piece> {
    try {
      return new Piece(await createNameless(name, nameless));
    } catch (error) {
      throw unwritable(error);
    }
  }

  get path(): string {
    return this.#file.path;
  }

  get longest(): number {
    return Math.max(this.#longest, this.#open);
  }

  append(bytes: Uint8Array): void {
    const first = bytes.indexOf(NEWLINE);
    // What lies between two newlines of one call is at most as long as the call.
    this.#longest = Math.max(this.#longest, first === -1 ? 0 : Math.max(this.#open + first, bytes.length));
    this.#open = first === -1 ? this.#open + bytes.length : bytes.length - 1 - bytes.lastIndexOf(NEWLINE);
    if (this.#filled + bytes.length > this.#block.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * BLOCK, 2 * (this.#filled + bytes.length)));
      grown.set(this.#block.subarray(0, this.#filled));
      this.#block = grown;
    }
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async settle(all: boolean): Promise<void> {
    if (this.#filled >= BLOCK || (all && this.#filled > 0)) {
      // The block on its way must not be touched; so there are two, and no more than one write at a time.
      await this.#writing;
      const block = this.#block;
      const filled = this.#filled;
      this.#block = this.#spare ?? Buffer.allocUnsafe(0);
      this.#spare = undefined;
      this.#filled = 0;
      this.#writing = this.#flush(block, filled);
      // A failure is thrown by the await above or below; until then it is nobody's unhandled rejection.
      this.#writing.catch(() => undefined);
    }
    if (all) await this.#writing;
  }

  async #flush(block: Buffer, filled: number): Promise<void> {
    try {
      for (let at = 0; at < filled;) at += (await this.#file.handle.write(block, at, filled - at)).bytesWritten;
    } catch (error) {
      throw unwritable(error);
    }
    this.#spare = block;
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }
}

/** What is said where the scratch folder takes no bytes. */
export function unwritable(error: unknown): ExportError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new ExportError('StagingUnavailable', `The scratch folder can not be written (${code}).`);
}
