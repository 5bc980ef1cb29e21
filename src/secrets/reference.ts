import { isAbsolute } from 'node:path';
import { ExportError } from '../model/export-error.js';
import { awsSecretName } from './aws-reference.js';
import { awsSecret } from './aws-secrets-manager.js';
import { cachedSecret } from './cached-secret.js';
import { commandWords } from './command-words.js';
import { commandSecret } from './command.js';
import { environmentSecret, type Environment } from './environment.js';
import { fileSecret } from './file.js';
import type { Secret } from './port.js';

type Source = (rest: string, environment: Environment | undefined) => Secret;

/** By scheme. Each throws a SyntaxError that says what is wrong with the rest. */
const sources: Readonly<Record<string, Source>> = {
  env(name, environment) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new SyntaxError('it names no variable; write env:NAME with letters, digits and _');
    return environmentSecret(name, environment);
  },
  file(path) {
    if (!isAbsolute(path) || /[\0\r\n]/.test(path))
      throw new SyntaxError('it is no absolute path; write file:/absolute/path');
    return fileSecret(path);
  },
  exec: (command) => cachedSecret(commandSecret(commandWords(command))),
  'aws-secretsmanager': (name) => cachedSecret(awsSecret(awsSecretName(name), name)),
};

/**
 * A secret from its reference: `env:NAME`, `file:/absolute/path`, `exec:PROGRAM ARGUMENTS` (see `commandWords`), or
 * `aws-secretsmanager:ID[#KEY][?version=STAGE&region=REGION]`. Nothing is read yet. A variable keeps its value until the process
 * restarts; a replaced file takes effect at the next use, and what a command or AWS gives within a minute.
 * @throws ExportError `ConfigurationInvalid`, which never repeats the text: it may be the secret itself, pasted
 */
export function parseSecretReference(text: string, environment?: Environment): Secret {
  const [, scheme = '', rest = ''] = /^([a-z-]+):(.+)$/s.exec(text) ?? [];
  const source = Object.hasOwn(sources, scheme) ? sources[scheme] : undefined;
  if (!source)
    throw new ExportError(
      'ConfigurationInvalid',
      'A secret is named by env:NAME (an environment variable), file:/absolute/path (a file, read at each use), ' +
        'exec:PROGRAM ARGUMENTS (a command that prints it) or aws-secretsmanager:ID; this reference is none of these.',
    );
  try {
    return source(rest, environment);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ExportError(
      'ConfigurationInvalid',
      `The reference of a secret that begins with ${scheme}: is wrong: ${error.message}.`,
    );
  }
}
