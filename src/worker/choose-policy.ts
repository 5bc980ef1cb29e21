import { ConfigurationError } from '../config/configuration-error.js';
import type { PolicyChoice } from '../config/redaction.js';
import { PRODUCTION, type ConnectionSettings } from '../config/settings.js';
import { findPolicy } from '../redaction/built-in-policies.js';
import { faultsOutsideProduction, keptFreely } from '../redaction/environment-rule.js';
import { PolicyFileFaults, readPolicyFile } from '../redaction/policy-file.js';
import type { RedactionPolicy } from '../redaction/policy.js';

export interface ChosenPolicy {
  readonly policy: RedactionPolicy;
  /** What each receipt of the connection, and the log, says of it in sentences. */
  readonly remarks: readonly string[];
}

const FILE = 'file:';

/** The policy of a connection, if it may be used in its environment. @throws as `choosePolicy` */
export function policyOfConnection(connection: ConnectionSettings): Promise<ChosenPolicy> {
  return choosePolicy(
    connection,
    (fault) =>
      `connection ${connection.name}: ${fault}, or set CLARI_ENVIRONMENT=production if this is production, or say in ` +
      'CLARI_ALLOW_PERSONAL_OUTSIDE_PRODUCTION why it is right',
  );
}

/**
 * The policy that was chosen, if it may be used in its environment.
 * @param refusal what is said of each fault that it has there
 * @throws ConfigurationError; ExportError `PolicyRefused` for an unknown name
 */
export async function choosePolicy(
  { environment, policy: reference, personalAllowedBecause: reason }: PolicyChoice,
  refusal: (fault: string) => string,
): Promise<ChosenPolicy> {
  const policy = await loadPolicy(reference);
  const faults = environment === PRODUCTION ? [] : faultsOutsideProduction(policy, environment);
  if (faults.length > 0 && reason === undefined) throw new ConfigurationError(faults.map(refusal));
  const reversible = `The policy ${policy.name} is unkeyed, reversible: whoever guesses a name or an e-mail can recognise its hash.${namesKept(policy)}`;
  const allowed = `The policy ${policy.name} lands personal data in the environment "${environment}", allowed because: ${reason ?? ''}`;
  const exceptions = Object.entries(policy.leakCheck?.exceptions ?? {}).map(
    ([place, why]) => `The leak check leaves ${place} out, because: ${why}`,
  );
  return {
    policy,
    remarks: [...(policy.reversible ? [reversible] : []), ...(faults.length > 0 ? [allowed] : []), ...exceptions],
  };
}

function namesKept(policy: RedactionPolicy): string {
  const places = keptFreely(policy);
  return places.length === 0 ? '' : ` Names may land as they are in ${places.join(', ')}, which it keeps.`;
}

/**
 * @param reference name of a built-in policy, or `file:` and a path
 * @throws ConfigurationError; ExportError `PolicyRefused` for an unknown name
 */
export async function loadPolicy(reference: string): Promise<RedactionPolicy> {
  if (!reference.startsWith(FILE)) return findPolicy(reference);
  const path = reference.slice(FILE.length);
  try {
    return await readPolicyFile(path);
  } catch (error) {
    if (!(error instanceof PolicyFileFaults)) throw error;
    throw new ConfigurationError(error.faults.map((fault) => `the policy ${path}: ${fault}`));
  }
}
