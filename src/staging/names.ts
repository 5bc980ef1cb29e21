import { ExportError } from '../model/export-error.js';

/** Whether a name leads nowhere but to itself. */
export const isSafeName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name);

/** @throws ExportError `Unexpected` where the name leads elsewhere */
export function safeName(name: string): string {
  if (!isSafeName(name)) throw new ExportError('Unexpected', 'A staging name has a forbidden character.');
  return name;
}

/** Files of a run's folder that are not bytes of the export. */
export const KEY_FILE = '.key';
export const OWNER_FILE = '.owner';
export const RESERVED_FILE = '.reserved';
