import { partEpoch, partName, refuseLate, storedName } from '../epochs.js';
import { textLength, type Seal } from '../sealing.js';
import { FRAME_BYTES } from '../staged-text.js';
import type { Bucket } from './bucket.js';
import { isLost } from './errors.js';
import { readPartNote, writePartNote, type PartNote } from './part-note.js';
import { SealedUpload } from './sealed-upload.js';

const DOING = 'opening a download';

/** A download as one attempt has it in a bucket. */
export interface PartPlace {
  readonly bucket: Bucket;
  /** Of the run's keys, with a slash at its end. */
  readonly prefix: string;
  readonly name: string;
  readonly epoch: number;
}

/** What an attempt finds of the ones before it. */
export interface Found {
  readonly bytes: number;
  readonly validator: string | undefined;
  /** How often this attempt itself has begun before. */
  readonly begun: number;
  /** What it goes on with; undefined where it begins, or the object is there. */
  readonly upload?: SealedUpload;
  /** Key of the object, where it was finished by an attempt that did not live to say so. */
  readonly finished?: string;
}

/** Of the object that an attempt makes when it has begun so often before: no upload has a key that another one had. */
export const keyOf = ({ prefix, name, epoch }: PartPlace, begun: number): string =>
  prefix + storedName(name, epoch, begun === 0 ? undefined : String(begun));

export const noteKey = ({ prefix, name }: PartPlace, epoch: number): string => prefix + partName(name, epoch);

/**
 * Looks for the newest download under way, and makes it this attempt's own. S3 refuses an earlier attempt that is still at it: its
 * upload is ended, and another one goes on with copies of its parts, which S3 makes.
 * @throws ExportError `StagingLost` where a later attempt has one
 */
export async function takeOver(place: PartPlace, seal: Seal): Promise<Found> {
  const { bucket, prefix, name, epoch } = place;
  const notes: { readonly key: string; readonly of: number }[] = [];
  for await (const { key } of bucket.list(DOING, `${prefix}${name}.part.`)) {
    const of = partEpoch(key.slice(prefix.length), name);
    if (of !== undefined) notes.push({ key, of });
  }
  const newest = notes.reduce<number | undefined>((most, { of }) => Math.max(most ?? 0, of), undefined);
  refuseLate(epoch, newest);
  const found = newest === undefined ? undefined : await goOn(place, seal, newest);
  for (const { key, of } of notes) if (of < epoch) await bucket.remove(DOING, key);
  return found ?? { bytes: 0, validator: undefined, begun: newest === epoch ? 1 : 0 };
}

async function goOn(place: PartPlace, seal: Seal, of: number): Promise<Found | undefined> {
  const { bucket, epoch } = place;
  const note = await readPartNote(bucket, DOING, noteKey(place, of));
  if (!note) return undefined;
  const validator = note.validator ?? undefined;
  const own = of === epoch;
  const begun = own ? note.begun + 1 : 1;
  const upload = await SealedUpload.resume(bucket, note.key, seal, note.uploadId).catch(whereLost);
  if (upload && own) return { bytes: upload.keptBytes, validator, begun, upload };
  let cutAt = note.cutAt;
  if (upload) {
    if (upload.keptBytes === 0) {
      await upload.abort();
      return undefined;
    }
    // Noted first: who comes after a crash must not take what follows for a whole file.
    cutAt = upload.keptBytes;
    await writePartNote(bucket, DOING, noteKey(place, of), { ...note, cutAt });
    await upload.cut().catch(whereLost);
  }
  const length = await bucket.lengthOf(DOING, note.key);
  if (length === undefined) return undefined;
  const bytes = textLength(length, FRAME_BYTES);
  if (bytes === cutAt) return { ...(await copied(place, seal, note, bytes)), begun };
  if (!own) await writePartNote(bucket, DOING, noteKey(place, epoch), { ...note, begun: 0 });
  return { bytes, validator, begun, finished: note.key };
}

async function copied(place: PartPlace, seal: Seal, note: PartNote, bytes: number): Promise<Omit<Found, 'begun'>> {
  const { bucket } = place;
  const key = keyOf(place, 0);
  const upload = await SealedUpload.begin(bucket, key, seal);
  await upload.copyFrom(note.key, bytes);
  const own: PartNote = { key, uploadId: upload.uploadId, validator: note.validator, begun: 0 };
  await writePartNote(bucket, DOING, noteKey(place, place.epoch), own);
  await bucket.remove(DOING, note.key);
  return { bytes, validator: note.validator ?? undefined, upload };
}

function whereLost(error: unknown): undefined {
  if (!isLost(error)) throw error;
}
