import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileSecret } from '../../../src/secrets/file.js';
import type { Secret } from '../../../src/secrets/port.js';

/** A token in a file, as a secret store mounts it, and what happens to it between two reads. */
export class SecretStore implements Secret {
  /** All that was read, in its order. */
  readonly given: string[] = [];
  readonly reference: string;
  readonly #path: string;
  readonly #file: Secret;
  #beforeRead: (last: string | undefined) => Promise<void> = () => Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#file = fileSecret(path);
    this.reference = this.#file.reference;
  }

  async read(): Promise<string> {
    await this.#beforeRead(this.given.at(-1));
    const value = await this.#file.read();
    this.given.push(value);
    return value;
  }

  forget(refused: string): void {
    this.#file.forget(refused);
  }

  /** Called with what was read last, before each further read. */
  beforeRead(hook: (last: string | undefined) => Promise<void>): void {
    this.#beforeRead = hook;
  }

  /** In one step, so that nobody reads half of it. */
  async put(token: string): Promise<void> {
    await writeFile(`${this.#path}.new`, `${token}\n`);
    await rename(`${this.#path}.new`, this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true });
  }

  /** Puts what nobody can read, whatever their rights, where the token was. */
  async obstruct(): Promise<void> {
    await this.remove();
    await mkdir(this.#path);
  }
}
