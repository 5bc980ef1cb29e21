import { isAbsolute } from 'node:path';
import { ExportError } from '../model/export-error.js';
import { environmentSecret, type Environment } from './environment.js';
import { fileSecret } from './file.js';
import type { Secret } from './port.js';

/**
 * A secret from its reference: `env:NAME`, or `file:/absolute/path`. Nothing is read yet.
 * A variable keeps its value until the process restarts; a replaced file takes effect at the next use.
 * @throws ExportError `ConfigurationInvalid`, which never repeats the text: it may be the secret itself, pasted
 */
export function parseSecretReference(text: string, environment?: Environment): Secret {
  const [, scheme, rest] = /^(env|file):(.+)$/s.exec(text) ?? [];
  if (scheme === 'env' && rest !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest))
    return environmentSecret(rest, environment);
  if (scheme === 'file' && rest !== undefined && isAbsolute(rest) && !/[\0\r\n]/.test(rest)) return fileSecret(rest);
  throw new ExportError(
    'ConfigurationInvalid',
    'A secret is named by env:NAME (an environment variable) or file:/absolute/path (a file, read at each use); this reference is neither.',
  );
}
