import { isOfNoLater, refuseLateAmong } from '../epochs.js';
import type { Bucket } from './bucket.js';

const DOING = 'discarding staged files';
const LOOKING = 'looking at staged files';

/** Removes all that a run has in a bucket. Repeating it is harmless. */
export function discardRun(bucket: Bucket, prefix: string): Promise<void> {
  return remove(bucket, prefix, () => true);
}

/** Removes what an attempt of a run and earlier ones have. */
export function giveUpRun(bucket: Bucket, prefix: string, epoch: number): Promise<void> {
  return remove(bucket, prefix, (key) => isOfNoLater(epoch, key.slice(prefix.length)));
}

/** @throws ExportError `StagingLost` where a later attempt has an object or an upload */
export async function refuseLateIn(bucket: Bucket, prefix: string, epoch: number): Promise<void> {
  for (const found of [bucket.list(LOOKING, prefix), bucket.uploads(LOOKING, prefix)])
    for await (const { key } of found) refuseLateAmong(epoch, [key.slice(prefix.length)]);
}

async function remove(bucket: Bucket, prefix: string, mayGo: (key: string) => boolean): Promise<void> {
  // Uploads first: one that ends meanwhile is then found as an object.
  for await (const upload of bucket.uploads(DOING, prefix)) if (mayGo(upload.key)) await bucket.abort(DOING, upload);
  for await (const { key } of bucket.list(DOING, prefix)) if (mayGo(key)) await bucket.remove(DOING, key);
}
