import type { Bucket } from './bucket.js';

/** What is beside an upload in progress: which it is, and which version of the source its bytes belong to. */
export interface PartNote {
  /** Whole, of the object that it becomes. */
  readonly key: string;
  readonly uploadId: string;
  readonly validator: string | null;
  /** How often its attempt had begun before. */
  readonly begun: number;
  /** A later attempt ends the upload here, in bytes of text: an object of this length is no whole file. */
  readonly cutAt?: number;
}

export async function readPartNote(bucket: Bucket, doing: string, key: string): Promise<PartNote | undefined> {
  const bytes = await bucket.get(doing, key);
  if (!bytes) return undefined;
  try {
    // Nobody but `writePartNote` writes it, whole or not at all.
    return JSON.parse(Buffer.from(bytes).toString()) as PartNote;
  } catch {
    // Spoilt since: the download begins anew.
    return undefined;
  }
}

export async function writePartNote(bucket: Bucket, doing: string, key: string, note: PartNote): Promise<void> {
  await bucket.put(doing, key, JSON.stringify(note));
}
