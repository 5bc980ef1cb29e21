import { connectionCode, lacksRegion, shownName, statusOf } from '../aws/sdk-error.js';
import { ExportError } from '../model/export-error.js';
import type { AwsSecretName } from './aws-reference.js';
import { StoreDown } from './store-down.js';

const notAccepted = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'ExpiredTokenException',
];
const tooMany = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'];

/** What the store says against this secret or this reader, by the names of its errors. */
const refusals: Readonly<Record<string, (name: AwsSecretName) => string>> = {
  ResourceNotFoundException: ({ stage }) =>
    `is not there: check its name, its region and its account, and that it has a version ${stage}`,
  AccessDeniedException: () =>
    'may not be read with the worker’s credentials: grant them secretsmanager:GetSecretValue, and kms:Decrypt if it has a key of its own',
  DecryptionFailure: () =>
    'can not be decrypted by AWS: check that its KMS key is enabled and may be used by the worker',
  InvalidRequestException: () =>
    'can not be read as it is now: restore it if it is marked for deletion, or name another',
  ...Object.fromEntries(
    notAccepted.map((each) => [
      each,
      () => 'is not given to these AWS credentials: replace them, and check the clock of this machine',
    ]),
  ),
};

/** What an error of the SDK means for the secret: nothing of its message is kept, which can hold part of an answer. */
export function awsFault(reference: string, name: AwsSecretName, error: unknown): ExportError {
  const { name: called, known } =
    error instanceof Error ? { name: shownName(error), known: error } : { name: 'an error', known: new Error() };
  if (lacksRegion(error))
    return new ExportError(
      'ConfigurationInvalid',
      `No region is set for the secret ${reference}: add ?region=REGION to it, or set AWS_REGION.`,
    );
  const refusal = Object.hasOwn(refusals, called) ? refusals[called]?.(name) : undefined;
  if (refusal !== undefined)
    return new ExportError('SecretUnavailable', `The secret ${reference} ${refusal} (${called}).`);
  return unanswered(reference, called, known);
}

function unanswered(reference: string, called: string, error: Error): ExportError {
  const down = (what: string): StoreDown => new StoreDown(`The secret ${reference} could not be read: ${what}.`);
  if (called === 'CredentialsProviderError')
    return down(
      'no AWS credentials were found where the AWS SDK looks for them; give the worker a role, or set AWS_PROFILE',
    );
  // Such an error is one of the SDK's about a text that is no JSON.
  const status = error instanceof SyntaxError ? undefined : statusOf(error);
  if (tooMany.includes(called) || status === 429)
    return down('AWS asked for fewer calls; raise the quota of the account, or look who else calls');
  if (status !== undefined && status >= 500)
    return down(`AWS Secrets Manager answered ${called} (${status}); it is tried again`);
  if (status !== undefined && status >= 400)
    return new ExportError(
      'SecretUnavailable',
      `The secret ${reference} could not be read: AWS Secrets Manager answered ${called} (${status}); check the reference.`,
    );
  const code = connectionCode(error);
  return code === undefined
    ? down('what answered is not AWS Secrets Manager; check for a proxy or a portal in between')
    : down(`AWS Secrets Manager can not be reached (${code}); check the region, the proxy and the firewall`);
}
