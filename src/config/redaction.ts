import { resolve } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../secrets/environment.js';
import { ConfigurationError } from './configuration-error.js';
import { givenVariables, misspeltVariables } from './given-variables.js';
import { PRODUCTION, type ConnectionSettings } from './settings.js';
import { variables } from './variables.js';

const name = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The rules of the variables that decide what is landed of people and amounts. */
export const redactionRules = {
  CLARI_ENVIRONMENT: z
    .string()
    .regex(name, 'must be one word such as production or staging')
    .default(variables.CLARI_ENVIRONMENT.default),
  CLARI_POLICY: z
    .string()
    .regex(/^(keyed|production|brief|file:.+)$/, 'must be keyed, production, brief or file:PATH')
    .transform((policy) => policy.replace(/^file:(.+)$/, (_, path: string) => `file:${resolve(path)}`))
    .optional(),
  CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION: z
    .string()
    .trim()
    .regex(/^\P{C}{10,200}$/u, 'must say why, in one line of 10 to 200 characters')
    .optional(),
  CLARI_REDACTION_KEY_NAME: z
    .string()
    .regex(name, 'must be one word such as default')
    .default(variables.CLARI_REDACTION_KEY_NAME.default),
  CLARI_REDACTION_KEY_VERSION: z.string().regex(name, 'must be one word such as 1').default('1'),
};

const rules = z.object(redactionRules);

/** What decides which policy is used, and whether it may be. */
export type PolicyChoice = Pick<ConnectionSettings, 'environment' | 'policy' | 'personalAllowedBecause'>;

export interface RedactionSettings extends PolicyChoice {
  readonly key: { readonly name: string; readonly version: string };
}

/** The policy where none is named. */
export const defaultPolicy = (environment: string | undefined): string =>
  environment === PRODUCTION ? 'production' : 'keyed';

export function redactionSettings(data: z.output<typeof rules>): RedactionSettings {
  return {
    environment: data.CLARI_ENVIRONMENT,
    policy: data.CLARI_POLICY ?? defaultPolicy(data.CLARI_ENVIRONMENT),
    personalAllowedBecause: data.CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION,
    key: { name: data.CLARI_REDACTION_KEY_NAME, version: data.CLARI_REDACTION_KEY_VERSION },
  };
}

/**
 * What the command line redacts by, where there is no worker: variables, and the flags that take their places.
 * @param flags by the variable that a flag is given for: the flag's name, and what it says
 * @throws ConfigurationError that names the flag, or the variable
 */
export function redactionFromEnvironment(
  environment: Environment,
  flags: Readonly<Partial<Record<keyof typeof redactionRules, readonly [flag: string, value: string | undefined]>>>,
): RedactionSettings {
  const said = Object.entries(flags).flatMap(([variable, [, value]]) =>
    value === undefined ? [] : [[variable, value]],
  );
  const given = givenVariables(environment);
  const misspelt = misspeltVariables(given);
  const parsed = rules.safeParse({ ...given, ...(Object.fromEntries(said) as Environment) });
  if (parsed.success && misspelt.length === 0) return redactionSettings(parsed.data);
  const broken = parsed.error?.issues.map(({ path: [variable], message }) => {
    const flag = Object.entries(flags).find(([of, [, value]]) => of === variable && value !== undefined)?.[1][0];
    return `${flag ?? String(variable)}: ${message}`;
  });
  throw new ConfigurationError([...misspelt, ...(broken ?? [])]);
}
