import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ExportError } from '../model/export-error.js';

/** The text of a zipped file; a damaged one ends with `FileMalformed`. Destroying it closes the file. */
export function unzipped(staged: Readable): Readable {
  const text = new PassThrough({
    destroy(error, done) {
      const zlib = error && 'code' in error && String(error.code).startsWith('Z_');
      done(zlib ? new ExportError('FileMalformed', 'The zipped file is cut off or damaged.') : error);
    },
  });
  // `text` is a part of it: as the last stream a gunzip counts as done before its trailer is checked, and its error then has no
  // listener, which ends the process. The callback is needed, not its argument: the reader sees the error.
  pipeline(staged, createGunzip(), text, () => undefined);
  return text;
}
