import { resolve } from 'node:path';
import { ExportError } from '../model/export-error.js';
import { nearest } from '../model/nearest.js';
import type { Environment } from '../secrets/environment.js';
import type { Secret } from '../secrets/port.js';
import { parseSecretReference } from '../secrets/reference.js';
import { variables, type VariableName } from './variables.js';

/** An empty variable is what `FOO= command` and a compose file with an unset value give: it counts as absent. */
export function givenVariables(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
}

/** A variable that is one slip away from a known one would otherwise be ignored without a word. */
export function misspeltVariables(given: Environment): string[] {
  return Object.keys(given).flatMap((variable) => {
    if (!/^clari_/i.test(variable) || Object.hasOwn(variables, variable)) return [];
    const meant = nearest(variable, Object.keys(variables));
    return meant ? [`${variable}: no such variable; ${meant} was probably meant`] : [];
  });
}

/** The secrets that are configured, by the variable that holds the value; `_FILE` names a file instead, `_FROM` any reference. */
export type SecretVariable = 'CLARI_API_KEY' | 'CLARI_REDACTION_KEY' | 'CLARI_STAGING_KEY';

const waysTo = (variable: SecretVariable): readonly VariableName[] => [
  variable,
  `${variable}_FILE`,
  `${variable}_FROM`,
];

/** Whether it is said in any way what the secret is. */
export const isSecretGiven = (given: Environment, variable: SecretVariable): boolean =>
  waysTo(variable).some((way) => way in given);

/** The secret that `variable` holds, or that is named instead; two of these together are a fault, and so is no reference. */
export function secretOf(given: Environment, variable: SecretVariable, faults: string[]): Secret | undefined {
  const [first, second] = waysTo(variable).filter((way) => way in given);
  if (first !== undefined && second !== undefined) {
    faults.push(`${first}: is set together with ${second}; set one of the two`);
    return undefined;
  }
  const file = given[`${variable}_FILE`];
  if (file !== undefined) return parseSecretReference(`file:${resolve(file)}`);
  const from = given[`${variable}_FROM`];
  if (from === undefined) return variable in given ? parseSecretReference(`env:${variable}`, given) : undefined;
  try {
    return parseSecretReference(from, given);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    faults.push(`${variable}_FROM: ${error.message}`);
    return undefined;
  }
}
