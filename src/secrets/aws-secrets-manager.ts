import type * as clientSecretsManager from '@aws-sdk/client-secrets-manager';
import { loadSdk } from '../aws/load-sdk.js';
import { ExportError } from '../model/export-error.js';
import type { AwsSecretName } from './aws-reference.js';
import { awsFault } from './aws-fault.js';
import { READ_TIMEOUT_MS } from './limits.js';
import { NamedSecret } from './named-secret.js';
import type { Secret } from './port.js';
import { StoreDown } from './store-down.js';
import { within } from './within.js';

export type Sdk = typeof clientSecretsManager;

/**
 * A secret of AWS Secrets Manager, asked for anew at each read, for 10 seconds at most. Credentials are those that the AWS SDK
 * finds by itself.
 * @param text the reference without its scheme, for messages
 */
export function awsSecret(
  name: AwsSecretName,
  text: string,
  load: () => Promise<Sdk> = () => import('@aws-sdk/client-secrets-manager'),
): Secret {
  const reference = `aws-secretsmanager:${text}`;
  let client: clientSecretsManager.SecretsManager | undefined;
  const open = async (): Promise<clientSecretsManager.SecretsManager> => {
    const sdk = await loadSdk(
      load,
      `The secret ${reference} is in AWS Secrets Manager`,
      '@aws-sdk/client-secrets-manager',
    );
    return (client ??= new sdk.SecretsManager(name.region === undefined ? {} : { region: name.region }));
  };
  return new NamedSecret(reference, async () => {
    const opened = await open();
    const value = await within(
      READ_TIMEOUT_MS,
      async (signal) => {
        try {
          // Not every server takes a missing stage for AWSCURRENT.
          const wanted = { SecretId: name.id, VersionStage: name.stage };
          const { SecretString, SecretBinary } = await opened.getSecretValue(wanted, { abortSignal: signal });
          return SecretString ?? (SecretBinary && Buffer.from(SecretBinary).toString('utf8'));
        } catch (error) {
          throw awsFault(reference, name, error);
        }
      },
      () =>
        new StoreDown(`AWS Secrets Manager did not answer within 10 seconds when asked for the secret ${reference}.`),
    );
    return name.key === undefined ? (value ?? '') : valueOf(reference, name.key, value ?? '');
  });
}

function valueOf(reference: string, key: string, text: string): string {
  const value = fieldsOf(text)?.get(key);
  if (typeof value === 'string') return value;
  const why = value === undefined ? 'is no JSON object with that key' : 'has something other than text under that key';
  throw new ExportError(
    'SecretUnavailable',
    `The secret ${reference} can not be taken: what is kept there ${why}; correct the secret or the key after the #.`,
  );
}

/** As a map, since names of the prototype are no keys of the secret. */
function fieldsOf(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? new Map(Object.entries(parsed)) : undefined;
  } catch {
    // What the parser says can repeat the text.
    return undefined;
  }
}
