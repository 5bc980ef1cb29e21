import { storedEpoch } from '../epochs.js';
import type { PartPlace } from './part-takeover.js';

/** Removes what earlier attempts have finished of a file, but for the one that is used. */
export async function removeOlder({ bucket, prefix, name, epoch }: PartPlace, used: string): Promise<void> {
  const doing = 'removing older files';
  for await (const { key } of bucket.list(doing, `${prefix}${name}.`)) {
    const of = storedEpoch(key.slice(prefix.length), name);
    if (of !== undefined && of < epoch && key !== used) await bucket.remove(doing, key);
  }
}
