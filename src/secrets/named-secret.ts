import { inspect } from 'node:util';
import { ExportError } from '../model/export-error.js';
import type { Secret } from './port.js';

/** A secret that shows its reference alone, however it is printed. Holds no value: each use reads it again. */
export class NamedSecret implements Secret {
  readonly #source: () => Promise<string>;

  /** `source` gives the text as kept; it throws what may be shown. */
  constructor(
    readonly reference: string,
    source: () => Promise<string>,
  ) {
    this.#source = source;
  }

  async read(): Promise<string> {
    // Editors and `echo` end a file with a newline that is no part of the secret.
    const value = (await this.#source()).replace(/[\r\n]+$/, '');
    if (value === '') throw new ExportError('SecretUnavailable', `The secret ${this.reference} is empty.`);
    return value;
  }

  toJSON(): string {
    return this.reference;
  }

  [inspect.custom](): string {
    return `Secret(${this.reference})`;
  }
}
