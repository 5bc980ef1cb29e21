import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { settingsFromEnvironment } from '../../src/config/from-environment.js';
import type { StagingSettings } from '../../src/config/settings.js';

type Variables = Readonly<Record<string, string>>;

const stagingOf = (variables: Variables): StagingSettings =>
  settingsFromEnvironment({
    CLARI_API_KEY: 'not-a-real-token',
    CLARI_REDACTION_KEY: 'a key of the tests, long enough to be one',
    ...variables,
  }).staging;

describe('where bytes are staged', () => {
  const defaults = { kind: 's3', prefix: '', endpoint: undefined, region: undefined, encryption: 'AES256' };
  const reached = { CLARI_STAGING_S3_ENDPOINT: 'https://s3.example.com', CLARI_STAGING_S3_REGION: 'eu-central-1' };
  test.each<[Variables, object]>([
    [{ CLARI_STAGING_DIR: '/var/staging' }, { kind: 'folder', path: '/var/staging', limitMb: undefined }],
    [
      {
        ...{ CLARI_STAGING_DIR: 's3://bucket', CLARI_STAGING_KEY_FILE: 'key' },
        ...{ CLARI_REDACTION_KEY: '', CLARI_ENVIRONMENT: 'production' },
      },
      { ...defaults, bucket: 'bucket' },
    ],
    [{ CLARI_STAGING_LIMIT_MB: '64' }, { kind: 'folder', path: 'staging', limitMb: 64 }],
    [{ CLARI_STAGING_DIR: 's3://bucket' }, { ...defaults, bucket: 'bucket' }],
    [{ CLARI_STAGING_DIR: 's3://bucket/' }, { ...defaults, bucket: 'bucket' }],
    [{ CLARI_STAGING_DIR: 's3://my.bucket-1/a/b.c/' }, { ...defaults, bucket: 'my.bucket-1', prefix: 'a/b.c' }],
    [
      { CLARI_STAGING_DIR: 's3://bucket/a', CLARI_STAGING_S3_ENCRYPTION: 'bucket', ...reached },
      {
        ...{ kind: 's3', bucket: 'bucket', prefix: 'a', encryption: 'bucket' },
        ...{ endpoint: 'https://s3.example.com', region: 'eu-central-1' },
      },
    ],
  ])('%o', (variables, staging) => {
    expect(stagingOf(variables)).toEqual(staging);
  });

  const s3 = { CLARI_STAGING_DIR: 's3://bucket' };
  test.each<[Variables, string]>([
    [{ CLARI_STAGING_DIR: 's3://' }, 'CLARI_STAGING_DIR: must be a folder, or s3://BUCKET/PREFIX'],
    [{ CLARI_STAGING_DIR: 'S3://bucket' }, 'CLARI_STAGING_DIR: must be a folder, or s3://BUCKET/PREFIX'],
    [{ CLARI_STAGING_DIR: 's3://Bucket/a' }, 'CLARI_STAGING_DIR: must be a folder, or s3://BUCKET/PREFIX'],
    [{ CLARI_STAGING_DIR: 's3://bucket/a//b' }, 'CLARI_STAGING_DIR: must be a folder, or s3://BUCKET/PREFIX'],
    [{ CLARI_STAGING_DIR: 's3://bucket/../a' }, 'CLARI_STAGING_DIR: must be a folder, or s3://BUCKET/PREFIX'],
    [{ ...s3, CLARI_STAGING_S3_ENDPOINT: 'localhost:9000' }, 'CLARI_STAGING_S3_ENDPOINT: must be a URL'],
    [{ ...s3, CLARI_STAGING_S3_REGION: 'Frankfurt' }, 'CLARI_STAGING_S3_REGION: must be a region'],
    [{ ...s3, CLARI_STAGING_S3_ENCRYPTION: 'none' }, 'CLARI_STAGING_S3_ENCRYPTION: must be AES256 or bucket'],
    [{ CLARI_STAGING_S3_REGION: 'eu-central-1' }, 'CLARI_STAGING_S3_REGION: is for staging in S3'],
    [{ CLARI_STAGING_S3_ENDPOINT: 'https://s3.example.com' }, 'CLARI_STAGING_S3_ENDPOINT: is for staging in S3'],
    [
      { ...s3, CLARI_REDACTION_KEY: '', CLARI_ENVIRONMENT: 'production' },
      'CLARI_STAGING_KEY: is missing; workers that share a bucket need the same key',
    ],
  ])('%o is refused', (variables, fault) => {
    expect(() => stagingOf(variables)).toThrow(ConfigurationError);
    expect(() => stagingOf(variables)).toThrow(fault);
  });
});
