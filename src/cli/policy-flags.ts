import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigurationError } from '../config/configuration-error.js';
import { readEnvFile } from '../config/env-file.js';
import { givenVariables, secretOf } from '../config/given-variables.js';
import { redactionFromEnvironment, type RedactionSettings } from '../config/redaction.js';
import { ExportError } from '../model/export-error.js';
import type { RedactionKey } from '../redaction/key-blocks.js';
import { environmentSecret } from '../secrets/environment.js';
import { keyBytes } from '../secrets/key-bytes.js';
import type { Secret } from '../secrets/port.js';
import { parseSecretReference } from '../secrets/reference.js';
import { choosePolicy, type ChosenPolicy } from '../worker/choose-policy.js';
import { BAD_FLAG, CommandError } from './command-error.js';

export interface PolicyFlags {
  readonly policy?: string;
  readonly environment?: string;
  readonly allowPersonalBecause?: string;
}

export const POLICY_MEANING = 'keyed, production, brief, or file:PATH (default: CLARI_POLICY, as the worker)';

/** Which policy, and where it is used. */
export const withPolicyFlags = (command: Command): Command =>
  command
    .option('--policy <policy>', POLICY_MEANING)
    .option('--environment <name>', 'production, or another word (default: CLARI_ENVIRONMENT, else undeclared)')
    .option(
      '--allow-personal-because <reason>',
      'why people or exact amounts may land outside production (default: CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION)',
    );

/** What the flags say, and where they say nothing the variables and `.env`. @throws ConfigurationError */
export function redactionOf({ policy, environment, allowPersonalBecause }: PolicyFlags): RedactionSettings {
  readEnvFile();
  return redactionFromEnvironment(process.env, {
    CLARI_POLICY: ['--policy', policy],
    CLARI_ENVIRONMENT: ['--environment', environment],
    CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: ['--allow-personal-because', allowPersonalBecause],
  });
}

/** @throws ConfigurationError where the policy is none, or may not be used in this environment */
export const chosenPolicy = (settings: RedactionSettings): Promise<ChosenPolicy> =>
  choosePolicy(
    settings,
    (fault) =>
      `${fault}, or say --environment production if this is production, or with --allow-personal-because why it is right`,
  );

/** The key of pseudonyms, which is read when it is used. @throws CommandError; ConfigurationError where the variables name two */
export function keyOf(reference: string | undefined, { key }: RedactionSettings): RedactionKey {
  const secret = reference === undefined ? keyOfVariables() : namedKey(reference);
  return { ...key, bytes: () => keyBytes(secret, 'RedactionKeyUnusable') };
}

function keyOfVariables(): Secret {
  const faults: string[] = [];
  const secret = secretOf(givenVariables(process.env), 'CLARI_REDACTION_KEY', faults);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return secret ?? environmentSecret('CLARI_REDACTION_KEY');
}

function namedKey(reference: string): Secret {
  try {
    return parseSecretReference(reference.replace(/^file:(.+)$/, (_, path: string) => `file:${resolve(path)}`));
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    throw new CommandError(`error: --key: ${error.message}`, BAD_FLAG);
  }
}
