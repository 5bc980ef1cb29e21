import { ExportError } from '../model/export-error.js';

/** The store of a secret gave no answer, which says nothing against the value that it gave before. */
export class StoreDown extends ExportError {
  constructor(message: string) {
    super('SecretUnavailable', message);
  }
}
