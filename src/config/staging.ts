import { z } from 'zod';
import type { Environment } from '../secrets/environment.js';
import { isSecretGiven } from './given-variables.js';
import type { StagingSettings } from './settings.js';
import { variables } from './variables.js';

const S3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)\/?$/;

/** The rules of the variables that name a bucket, and how to reach it. */
export const stagingRules = {
  CLARI_STAGING_DIR: z
    .string()
    .refine((text) => !/^s3:/i.test(text) || S3.test(text), {
      error: 'must be a folder, or s3://BUCKET/PREFIX with letters, digits, _, . and - in the prefix',
    })
    .default(variables.CLARI_STAGING_DIR.default),
  CLARI_STAGING_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a URL such as https://s3.example.com' })
    .optional(),
  CLARI_STAGING_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be a region such as eu-central-1')
    .optional(),
  CLARI_STAGING_S3_ENCRYPTION: z
    .enum(['AES256', 'bucket'], { error: 'must be AES256 or bucket' })
    .default(variables.CLARI_STAGING_S3_ENCRYPTION.default),
};

const ofBuckets = ['CLARI_STAGING_S3_ENDPOINT', 'CLARI_STAGING_S3_REGION'];
const keys = ['CLARI_STAGING_KEY', 'CLARI_REDACTION_KEY'] as const;

/** What the variables of staging say against each other. */
export function stagingFaults(given: Environment): string[] {
  if (!/^s3:/i.test(given.CLARI_STAGING_DIR ?? ''))
    return ofBuckets
      .filter((variable) => variable in given)
      .map((variable) => `${variable}: is for staging in S3; set CLARI_STAGING_DIR to s3://BUCKET/PREFIX, or unset it`);
  const faults: string[] = [];
  // Each worker would make a key of its own, and no worker could read what another one has staged.
  if (!keys.some((variable) => isSecretGiven(given, variable)))
    faults.push(
      'CLARI_STAGING_KEY: is missing; workers that share a bucket need the same key, of at least 32 characters (openssl rand -hex 32)',
    );
  return faults;
}

type Rules = z.infer<z.ZodObject<typeof stagingRules>>;

/** @param data what the rules above made of the variables */
export function stagingSettings(
  data: Rules & { readonly CLARI_STAGING_LIMIT_MB?: number | undefined },
): StagingSettings {
  const found = S3.exec(data.CLARI_STAGING_DIR);
  const limitMb = data.CLARI_STAGING_LIMIT_MB;
  if (!found) return { kind: 'folder', path: data.CLARI_STAGING_DIR, limitMb };
  const [, bucket = '', prefix = ''] = found;
  return {
    kind: 's3',
    bucket,
    prefix: prefix.slice(1),
    endpoint: data.CLARI_STAGING_S3_ENDPOINT,
    region: data.CLARI_STAGING_S3_REGION,
    limitMb,
    encryption: data.CLARI_STAGING_S3_ENCRYPTION,
  };
}
