const JOIN_BYTES = 256 * 1024;
const PROGRESS_BYTES = 1024 * 1024;

/**
 * Writes the pieces of an answer to the file, joined, in order, and counts. The file is begun anew only once there is something
 * to put in the place of what it holds.
 */
export class Sink {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #reported: number;
  #begin: ((start: Uint8Array) => Promise<void>) | undefined;

  constructor(
    private readonly append: (chunk: Uint8Array) => Promise<void>,
    private readonly onProgress: (bytes: number) => void,
    /** Bytes in the file that count. */
    public offset: number,
  ) {
    this.#reported = offset;
  }

  /** `begin` runs before the first of the next bytes is written; it gets to see them, and may throw to keep the file as it is. */
  beginAnew(begin: (start: Uint8Array) => Promise<void>): void {
    this.#begin = begin;
  }

  /** Called by `begin` when the file is empty. */
  restarted(): void {
    this.offset = 0;
    this.#reported = 0;
  }

  get pending(): boolean {
    return this.#pendingBytes > 0;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= JOIN_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const joined = Buffer.concat(this.#pending);
    const begin = this.#begin;
    this.drop();
    await begin?.(joined);
    if (joined.length === 0) return;
    await this.append(joined);
    this.offset += joined.length;
    if (this.offset - this.#reported >= PROGRESS_BYTES) this.report();
  }

  /** Forgets what is not written yet. */
  drop(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#begin = undefined;
  }

  report(): void {
    this.#reported = this.offset;
    this.onProgress(this.offset);
  }
}
