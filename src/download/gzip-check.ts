import { createGunzip } from 'node:zlib';

/** Reads a gzip stream along while it is written: only its trailer (CRC and length) tells a whole one from one that was cut. */
export class GzipCheck {
  readonly #unzip = createGunzip();
  readonly #whole: Promise<boolean>;
  #textBytes = 0;

  constructor() {
    this.#whole = new Promise((resolve) => {
      this.#unzip
        .on('error', () => resolve(false))
        .on('end', () => resolve(true))
        .on('data', (text: Buffer) => (this.#textBytes += text.length));
    });
  }

  /** Length of the text as far as it is unzipped. */
  get textBytes(): number {
    return this.#textBytes;
  }

  /** Takes the next bytes, no faster than they are unzipped. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#unzip.destroyed || this.#unzip.write(chunk)) return;
    await Promise.race([new Promise((resolve) => this.#unzip.once('drain', resolve)), this.#whole]);
  }

  /** Whether what was written is a whole stream. Nothing may be written after it. */
  isWhole(): Promise<boolean> {
    this.#unzip.end();
    return this.#whole;
  }

  /** Lets go of it before its end. */
  drop(): void {
    this.#unzip.destroy();
  }
}
