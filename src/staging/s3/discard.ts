import type { Bucket } from './bucket.js';

const DOING = 'discarding staged files';

/** Removes all that a run has in a bucket. Repeating it is harmless. */
export async function discardRun(bucket: Bucket, prefix: string): Promise<void> {
  // Uploads first: one that ends meanwhile is then found as an object.
  for await (const upload of bucket.uploads(DOING, prefix)) await bucket.abort(DOING, upload);
  for await (const { key } of bucket.list(DOING, prefix)) await bucket.remove(DOING, key);
}
