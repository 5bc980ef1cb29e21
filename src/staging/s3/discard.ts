import type { RunFolder } from '../run-folder.js';
import type { Bucket } from './bucket.js';

const DOING = 'discarding staged files';

/** Removes all of a run: below its prefix, and on this machine. Repeating it is harmless. */
export async function discardRun(bucket: Bucket, prefix: string, folder: RunFolder): Promise<void> {
  // Uploads first: one that ends meanwhile is then found as an object.
  for await (const upload of bucket.uploads(DOING, prefix)) await bucket.abort(DOING, upload);
  for await (const { key } of bucket.list(DOING, prefix)) await bucket.remove(DOING, key);
  await folder.discard();
}
