import { resolve } from 'node:path';
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

/** The secret that `variable` holds, or the file that `variable`_FILE names; both together are a fault. */
export function secretOf(given: Environment, variable: VariableName, faults: string[]): Secret | undefined {
  const file = given[`${variable}_FILE`];
  if (file !== undefined && variable in given) {
    faults.push(`${variable}: is set together with ${variable}_FILE; set one of the two`);
    return undefined;
  }
  if (file !== undefined) return parseSecretReference(`file:${resolve(file)}`);
  return variable in given ? parseSecretReference(`env:${variable}`, given) : undefined;
}
