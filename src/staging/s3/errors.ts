import { ExportError } from '../../model/export-error.js';

/** Asks S3 for something; a failure of it is told in words: its code and what was being done, never a key, an address or content. */
export async function s3Io<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw s3Error(doing, error);
  }
}

/** Whether S3 answered with an error of one of these names. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** Whether what was asked for is gone. */
export const isLost = (error: unknown): boolean => error instanceof ExportError && error.type === 'StagingLost';

/** The last one: an empty file is in its place. */
const gone = ['NoSuchKey', 'NoSuchUpload', 'NotFound', 'InvalidRange'];
const notAccepted = ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken'];
const denied = 'the credentials may not do this in the bucket';
const elsewhere = 'the bucket is in another region than CLARI_STAGING_S3_REGION or AWS_REGION names';

const reasons: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket',
  AccessDenied: denied,
  Forbidden: denied,
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  CredentialsProviderError: 'no AWS credentials were found where the AWS SDK looks for them',
  TimeoutError: 'S3 did not answer in time',
  ...Object.fromEntries(notAccepted.map((name) => [name, `S3 does not accept the credentials (${name})`])),
};

/** What an error of the SDK means for staging; any other error as it is. */
export function s3Error(doing: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ExportError) return error;
  if (isNamed(error, ...gone)) return new ExportError('StagingLost', `A staged file was gone while ${doing}.`);
  const why = reasons[error.name] ?? answered(error) ?? unreached(error);
  return why === undefined ? error : new ExportError('StagingUnavailable', `Staging failed while ${doing}: ${why}.`);
}

function answered(error: Error): string | undefined {
  if (!('$metadata' in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number };
  const name = /^[A-Za-z0-9.]{1,60}$/.test(error.name) ? error.name : 'an error';
  return httpStatusCode === undefined ? undefined : `S3 answered ${name} (${httpStatusCode})`;
}

function unreached(error: Error): string | undefined {
  // The SDK gives this one no name of its own.
  if (error.message === 'Region is missing')
    return 'no region is set: name one by CLARI_STAGING_S3_REGION or AWS_REGION';
  if (!('code' in error) || typeof error.code !== 'string' || !/^[A-Z0-9_]{2,40}$/.test(error.code)) return undefined;
  return `S3 can not be reached (${error.code})`;
}
