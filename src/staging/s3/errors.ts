import { connectionCode, isNamed, lacksRegion, shownName, statusOf } from '../../aws/sdk-error.js';
import { ExportError } from '../../model/export-error.js';

/** Asks S3 for something; a failure of it is told in words: its code and what was being done, never a key, an address or content. */
export async function s3Io<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw s3Error(doing, error);
  }
}

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
  const status = statusOf(error);
  return status === undefined ? undefined : `S3 answered ${shownName(error)} (${status})`;
}

function unreached(error: Error): string | undefined {
  if (lacksRegion(error)) return 'no region is set: name one by CLARI_STAGING_S3_REGION or AWS_REGION';
  const code = connectionCode(error);
  return code === undefined ? undefined : `S3 can not be reached (${code})`;
}
