import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExportError } from '../../src/model/export-error.js';
import { awsSecret, type Sdk } from '../../src/secrets/aws-secrets-manager.js';
import { awsSecretName } from '../../src/secrets/aws-reference.js';
import { StoreDown } from '../../src/secrets/store-down.js';
import { failing } from '../support/failing.js';
import { Closing, serve } from '../support/http-server.js';
import { awsEnvironment } from './aws-environment.js';

/** No letter of it is in any message, so that not even a piece can slip through. */
const VALUE = 'ЖЩЮЯ';
const LETTERS = /[Ѐ-ӿ]/;
const REFERENCE = 'aws-secretsmanager:clari/token';

const closing = new Closing();
beforeEach(() => awsEnvironment({ AWS_REGION: 'eu-central-1' }));
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await closing.all();
});

const secret = awsSecretName('clari/token');
const troubled = async (load?: () => Promise<Sdk>): Promise<ExportError> => {
  const error = await failing(awsSecret(secret, 'clari/token', load).read());
  expect(error.message).toContain(REFERENCE);
  expect(inspect(error, { showHidden: true, depth: 10 })).not.toMatch(LETTERS);
  return error;
};

async function storeAt(listener: RequestListener): Promise<void> {
  const server = closing.add(await serve(listener));
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.origin);
}

describe('AWS Secrets Manager in trouble', () => {
  it.each([
    ['throttles', 400, 'ThrottlingException', true, 'AWS asked for fewer calls'],
    ['refuses by its gateway', 429, 'Unheard', true, 'AWS asked for fewer calls'],
    [
      'has a fault of its own',
      500,
      'InternalServiceError',
      true,
      'answered InternalServiceError (500); it is tried again',
    ],
    ['is unavailable', 503, 'Unheard', true, 'answered Unheard (503); it is tried again'],
    ['denies the right', 400, 'AccessDeniedException', false, 'credentials: grant them secretsmanager:GetSecretValue'],
    [
      'knows nobody of that name',
      400,
      'UnrecognizedClientException',
      false,
      'is not given to these AWS credentials: replace',
    ],
    ['can not decrypt', 400, 'DecryptionFailure', false, 'check that its KMS key is enabled'],
    ['knows the session no more', 400, 'ExpiredTokenException', false, 'is not given to these AWS credentials'],
    [
      'says no in other words',
      400,
      'ValidationException',
      false,
      'answered ValidationException (400); check the reference',
    ],
  ])('that %s', async (_, status, code, isDown, message) => {
    await storeAt((__, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: code, message: VALUE }));
    });
    const error = await troubled();
    expect(error.type).toBe('SecretUnavailable');
    expect(error instanceof StoreDown).toBe(isDown);
    expect(error.message).toContain(message);
  });

  it.each([
    ['a page', 200, `<html>${VALUE}</html>`],
    ['a page of a proxy', 403, `<html>${VALUE}</html>`],
    ['half an answer', 200, `{"SecretString":"${VALUE}`],
  ])('that sends %s', async (_, status, body) => {
    await storeAt((__, response) => response.writeHead(status).end(body));
    const error = await troubled();
    expect(error).toBeInstanceOf(StoreDown);
    expect(error.message).toContain('check for a proxy or a portal in between');
  });

  it('that hangs up, or is not there', async () => {
    await storeAt((request) => request.socket.destroy());
    expect((await troubled()).message).toMatch(
      /can not be reached \(E[A-Z]+\); check the region, the proxy and the firewall/,
    );
    await closing.all();
    const error = await troubled();
    expect(error).toBeInstanceOf(StoreDown);
    expect(error.message).toContain('can not be reached (ECONNREFUSED)');
  });

  it('that does not answer is waited for 10 seconds, and then hung up on', async () => {
    const calls: Promise<unknown>[] = [];
    let called = (): void => undefined;
    const isCalled = new Promise<void>((resolve) => (called = resolve));
    await storeAt((request) => {
      calls.push(once(request.socket, 'close'));
      called();
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const error = troubled();
    await isCalled;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await error).toBeInstanceOf(StoreDown);
    expect((await error).message).toMatch(/^AWS Secrets Manager did not answer within 10 seconds/);
    await Promise.all(calls);
  });
});

describe('a worker that is not set up for AWS Secrets Manager', () => {
  it('is told of the package', async () => {
    const missing = '@aws-sdk/not-installed';
    const { type, message } = await troubled(() => import(missing) as Promise<Sdk>);
    expect(type).toBe('ConfigurationInvalid');
    expect(message).toContain('npm install @aws-sdk/client-secrets-manager');
  });

  it('is told of the region', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    const { type, message } = await troubled();
    expect(type).toBe('ConfigurationInvalid');
    expect(message).toContain('add ?region=REGION to it, or set AWS_REGION');
  });

  it('is told of the credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    const error = await troubled();
    expect(error).toBeInstanceOf(StoreDown);
    expect(error.message).toContain('no AWS credentials were found');
  });
});
