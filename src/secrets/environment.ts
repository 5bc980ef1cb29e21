import { ExportError } from '../model/export-error.js';
import { NamedSecret } from './named-secret.js';
import type { Secret } from './port.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable of `environment`, by default this process's. A new value takes a restart. */
export function environmentSecret(name: string, environment: Environment = process.env): Secret {
  const reference = `env:${name}`;
  return new NamedSecret(reference, () => {
    const value = environment[name];
    return value === undefined
      ? Promise.reject(new ExportError('SecretUnavailable', `The secret ${reference} is not set.`))
      : Promise.resolve(value);
  });
}
