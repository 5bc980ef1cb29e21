import { ExportError } from '../model/export-error.js';
import { RESERVED_FILE } from './names.js';

/*
 * What an attempt writes bears its epoch, so that no two write to the same file. A later attempt goes on from a copy of what an
 * earlier one has left; one that was believed dead and wakes up then writes to what nobody reads any more.
 */

/** Name of a finished file; `mark` tells apart what one attempt makes of it. */
export const storedName = (name: string, epoch: number, mark?: string): string =>
  `${name}.${epoch}${mark === undefined ? '' : `-${mark}`}`;

/** Name of what is known of a file under way. */
export const partName = (name: string, epoch: number): string => `${name}.part.${epoch}`;

/** Under which name a file is sealed, by the one that it is stored under: whoever takes it over keeps the seals. */
export const sealName = (stored: string): string => stored.replace(/\.\d+(-[0-9a-f]+)?$/, '');

/** The epoch of a file that is stored as `name`; undefined where it is another file. */
export const storedEpoch = (stored: string, name: string): number | undefined =>
  epochIn(stored, `${name}.`, /^(\d+)(-[0-9a-f]+)?$/);

/** The epoch of a file under way, whatever of it this is; undefined where it is another file. */
export const partEpoch = (stored: string, name: string): number | undefined =>
  epochIn(stored, `${name}.part.`, /^(\d+)(\.|$)/);

/** Name of a folder for pieces, but for what makes it one of its kind. */
export const scratchStart = (epoch: number): string => `scratch-${epoch}-`;

/** The epoch of whatever an attempt has, drafts and notes of room too; undefined for what the whole run has: key and owner. */
export function anyEpoch(stored: string): number | undefined {
  if (stored.startsWith('.') && !stored.startsWith(RESERVED_FILE)) return undefined;
  const found =
    /^scratch-(\d+)-/.exec(stored) ??
    // What may follow: the mark of a finished file, the length in a bucket's note of room, and the end of a draft.
    /\.(\d+)(?:-[0-9a-f]+|\.\d+|\.version)?(?:\.[0-9a-f]{12}\.tmp)?$/.exec(stored);
  return found ? Number(found[1]) : undefined;
}

/** @throws ExportError `StagingLost` where a later attempt has anything among these */
export function refuseLateAmong(epoch: number, names: Iterable<string>): void {
  for (const name of names) refuseLate(epoch, anyEpoch(name));
}

/** Whether an attempt may take away what is stored so: its own, or an earlier one's. */
export const isOfNoLater = (epoch: number, stored: string): boolean => (anyEpoch(stored) ?? Infinity) <= epoch;

function epochIn(stored: string, start: string, rest: RegExp): number | undefined {
  const found = stored.startsWith(start) ? rest.exec(stored.slice(start.length)) : null;
  return found ? Number(found[1]) : undefined;
}

/** @throws ExportError `StagingLost` where a later attempt is at it */
export function refuseLate(epoch: number, newest: number | undefined): void {
  if (newest !== undefined && newest > epoch)
    throw new ExportError('StagingLost', 'A later attempt has taken the download over.');
}
