import type * as clientS3 from '@aws-sdk/client-s3';
import { loadSdk } from '../../aws/load-sdk.js';

export type Sdk = typeof clientS3;

/** @throws ExportError `ConfigurationInvalid` where it is not installed */
export const loadS3 = (load: () => Promise<Sdk> = () => import('@aws-sdk/client-s3')): Promise<Sdk> =>
  loadSdk(load, 'CLARI_STAGING_DIR names a bucket', '@aws-sdk/client-s3');
