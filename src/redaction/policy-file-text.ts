import { stringify } from 'yaml';
import { builtInPolicyNames } from './built-in-policies.js';
import { treatedPlaces } from './policy-file-schema.js';
import type { RedactionPolicy } from './policy.js';
import { treatmentText } from './written-treatments.js';

/**
 * A policy as a policy file that says everything itself: read again it treats every column the same. A built-in one gets a name of
 * its own, since a file may not have theirs.
 */
export function policyFileText({ name, version, unknownFields, treatments, leakCheck }: RedactionPolicy): string {
  const builtIn = (builtInPolicyNames as readonly string[]).includes(name);
  const lines = treatedPlaces.flatMap((place) => {
    const treatment = treatments[place];
    if (!treatment) return [];
    const text = treatmentText(treatment);
    return [`  ${place}: ${text.includes(':') ? `{ ${text} }` : text}`];
  });
  return [
    ...(builtIn ? [`# As the built-in policy ${name}, version ${version}. Say what differs.`] : []),
    `name: ${builtIn ? `my-${name}` : name}`,
    `version: ${version}`,
    // The others fail closed; which one no longer matters, since every column is named.
    ...(unknownFields === 'extra' ? ['extends: brief'] : ['extends: keyed', `onUnknownField: ${unknownFields}`]),
    'treatments:',
    ...lines,
    ...(leakCheck ? [stringify({ leakCheck }, { lineWidth: 0 }).trimEnd()] : []),
  ].join('\n');
}
