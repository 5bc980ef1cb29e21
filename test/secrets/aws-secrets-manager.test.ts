import { inspect } from 'node:util';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseSecretReference } from '../../src/secrets/reference.js';
import { StoreDown } from '../../src/secrets/store-down.js';
import { failing } from '../support/failing.js';
import { startMoto, type Moto } from '../support/moto.js';
import { awsEnvironment } from './aws-environment.js';

/** No letter of it is in any message, so that not even a piece can slip through. */
const VALUE = 'ЖЩЮЯ';
const LETTERS = /[Ѐ-ӿ]/;
const REGION = 'eu-central-1';

let moto: Moto;
let store: SecretsManager;
beforeAll(async () => {
  moto = await startMoto();
  store = new SecretsManager({
    ...{ endpoint: moto.endpoint, region: REGION },
    credentials: { accessKeyId: 'operator', secretAccessKey: 'any' },
  });
});
afterAll(async () => {
  store.destroy();
  await moto.close();
});
beforeEach(() => awsEnvironment({ AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint, AWS_REGION: REGION }));
afterEach(() => {
  vi.unstubAllEnvs();
});

const read = (reference: string): Promise<string> => parseSecretReference(`aws-secretsmanager:${reference}`).read();

/** What is said of a secret that can not be read, without any of its letters. */
async function told(reference: string): Promise<string> {
  const error = await failing(read(reference));
  expect(error.type).toBe('SecretUnavailable');
  expect(error).not.toBeInstanceOf(StoreDown);
  expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(LETTERS);
  return error.message;
}

describe('a secret of AWS Secrets Manager', () => {
  it('is read by its name, as the AWS command line made it', async () => {
    await store.createSecret({ Name: 'clari/prod/api-token', SecretString: 'token-one' });
    await expect(read('clari/prod/api-token')).resolves.toBe('token-one');
  });

  it('is read by its ARN, in the region that this names', async () => {
    const { ARN = '' } = await store.createSecret({ Name: 'by-arn', SecretString: 'of-the-arn' });
    vi.stubEnv('AWS_REGION', 'us-west-2');
    await expect(read(ARN)).resolves.toBe('of-the-arn');
  });

  it('is read from the region that the reference names', async () => {
    await store.createSecret({ Name: 'elsewhere', SecretString: 'of-elsewhere' });
    vi.stubEnv('AWS_REGION', 'us-west-2');
    await expect(read(`elsewhere?region=${REGION}`)).resolves.toBe('of-elsewhere');
    expect(await told('elsewhere')).toContain('check its name, its region and its account');
  });

  it('is read by a key, where it is JSON', async () => {
    await store.createSecret({ Name: 'pair', SecretString: '{"id":"the-id","api key":"the-key"}' });
    await expect(read('pair#api key')).resolves.toBe('the-key');
    await expect(read('pair#id?version=AWSCURRENT')).resolves.toBe('the-id');
  });

  it('is read where it is kept as bytes', async () => {
    await store.createSecret({ Name: 'bytes', SecretBinary: Buffer.from('{"key":"of bytes"}\n') });
    await expect(read('bytes')).resolves.toBe('{"key":"of bytes"}');
    await expect(read('bytes#key')).resolves.toBe('of bytes');
  });

  it('is read in its current, previous or pending version', async () => {
    const { VersionId: old = '' } = await store.createSecret({ Name: 'staged', SecretString: 'old' });
    await store.putSecretValue({ SecretId: 'staged', SecretString: 'new' });
    const { VersionId: next = '' } = await store.putSecretValue({
      ...{ SecretId: 'staged', SecretString: 'next', VersionStages: ['AWSPENDING'] },
    });
    expect(old).not.toBe(next);
    await expect(read('staged')).resolves.toBe('new');
    await expect(read('staged?version=AWSPREVIOUS')).resolves.toBe('old');
    await expect(read(`staged?version=AWSPENDING&region=${REGION}`)).resolves.toBe('next');
  });

  it('is kept for the reads after it, until it is refused', async () => {
    const secret = parseSecretReference('aws-secretsmanager:kept');
    await store.createSecret({ Name: 'kept', SecretString: 'one' });
    await expect(secret.read()).resolves.toBe('one');
    await store.putSecretValue({ SecretId: 'kept', SecretString: 'two' });
    await expect(secret.read()).resolves.toBe('one');
    secret.forget('one');
    await expect(secret.read()).resolves.toBe('two');
  });

  it('shows its reference alone, even after it was read', async () => {
    await store.createSecret({ Name: 'shown', SecretString: VALUE });
    const secret = parseSecretReference('aws-secretsmanager:shown?version=AWSCURRENT');
    await secret.read();
    expect(JSON.stringify(secret)).toBe('"aws-secretsmanager:shown?version=AWSCURRENT"');
    expect(inspect(secret, { showHidden: true, depth: 10 })).toBe(
      'Secret(aws-secretsmanager:shown?version=AWSCURRENT)',
    );
  });
});

describe('a secret that AWS Secrets Manager does not give', () => {
  it('because there is none of its name, or none of its version, is named', async () => {
    expect(await told('missing')).toMatch(
      /^The secret aws-secretsmanager:missing is not there: check its name, .*a version AWSCURRENT \(ResourceNotFoundException\)\.$/,
    );
    await store.createSecret({ Name: 'young', SecretString: VALUE });
    expect(await told('young?version=AWSPREVIOUS')).toContain('and that it has a version AWSPREVIOUS');
  });

  it('because it is marked for deletion says so', async () => {
    await store.createSecret({ Name: 'deleted', SecretString: VALUE });
    await store.deleteSecret({ SecretId: 'deleted' });
    expect(await told('deleted')).toContain('restore it if it is marked for deletion');
  });

  it.each([
    ['is no JSON', VALUE, 'is no JSON object with that key'],
    ['is a JSON text', `"${VALUE}"`, 'is no JSON object with that key'],
    ['is null', 'null', 'is no JSON object with that key'],
    ['lacks the key', `{"other":"${VALUE}"}`, 'is no JSON object with that key'],
    ['has a number there', `{"toString":5,"other":"${VALUE}"}`, 'has something other than text under that key'],
  ])('by a key, since it %s, is told without its content', async (name, content, why) => {
    const id = name.replaceAll(' ', '-');
    await store.createSecret({ Name: id, SecretString: content });
    expect(await told(`${id}#toString`)).toBe(
      `The secret aws-secretsmanager:${id}#toString can not be taken: what is kept there ${why}; correct the secret or the key after the #.`,
    );
  });

  it('because it is empty is told', async () => {
    await store.createSecret({ Name: 'empty', SecretString: '{"key":"\\n"}' });
    expect(await told('empty#key')).toBe('The secret aws-secretsmanager:empty#key is empty.');
  });
});
