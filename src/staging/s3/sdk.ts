import type * as clientS3 from '@aws-sdk/client-s3';
import { ExportError } from '../../model/export-error.js';

export type Sdk = typeof clientS3;

/**
 * The AWS SDK, which only those install who stage in S3.
 * @throws ExportError `ConfigurationInvalid` where it is not installed
 */
export async function loadSdk(load: () => Promise<Sdk> = () => import('@aws-sdk/client-s3')): Promise<Sdk> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new ExportError(
      'ConfigurationInvalid',
      'CLARI_STAGING_DIR names a bucket, for which the package @aws-sdk/client-s3 is missing: npm install @aws-sdk/client-s3.',
    );
  }
}
