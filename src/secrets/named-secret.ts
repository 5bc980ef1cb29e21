import { inspect } from 'node:util';
import { ExportError } from '../model/export-error.js';
import type { Secret } from './port.js';

/** A secret that shows its reference alone, however it is printed. Holds no value of its own. */
export class NamedSecret implements Secret {
  readonly #source: () => Promise<string>;
  readonly #forget: (refused: string) => void;

  /**
   * @param source gives the text as kept; it throws what may be shown
   * @param forget for a source that keeps values; by default each read is a new one, and there is nothing to forget
   */
  constructor(
    readonly reference: string,
    source: () => Promise<string>,
    forget: (refused: string) => void = () => undefined,
  ) {
    this.#source = source;
    this.#forget = forget;
  }

  async read(): Promise<string> {
    // Editors and `echo` end a file with a newline that is no part of the secret.
    const value = (await this.#source()).replace(/[\r\n]+$/, '');
    if (value === '') throw new ExportError('SecretUnavailable', `The secret ${this.reference} is empty.`);
    return value;
  }

  forget(refused: string): void {
    this.#forget(refused);
  }

  toJSON(): string {
    return this.reference;
  }

  [inspect.custom](): string {
    return `Secret(${this.reference})`;
  }
}
