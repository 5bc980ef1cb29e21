import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExportError } from '../../model/export-error.js';
import type { LoadAttempt } from '../port.js';
import { exists, type DatabaseFiles } from './files.js';

/** No process stands still for so long and then goes on. */
const FORGOTTEN_MS = 30 * 24 * 60 * 60_000;

/** An empty file for each run that may publish no more: it can be put there while somebody else, who may stand still, holds the database. */
const noteOf = ({ closed }: DatabaseFiles, runId: string): string => join(closed, `run-${encodeURIComponent(runId)}`);

/** Not synced: a power cut ends whoever could still publish. */
export async function noteClosed(files: DatabaseFiles, runId: string): Promise<void> {
  await mkdir(files.closed, { recursive: true, mode: 0o700 });
  for (const name of await readdir(files.closed)) {
    const note = join(files.closed, name);
    // Another run may be removing it too.
    const { mtimeMs } = await stat(note).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > FORGOTTEN_MS) await rm(note, { force: true });
  }
  await (await open(noteOf(files, runId), 'a', 0o600)).close();
}

/** To be asked inside the transaction that it is about. @throws ExportError `LoadSuperseded` */
export async function refuseClosed(files: DatabaseFiles, { runId, exportId }: LoadAttempt): Promise<void> {
  if (!(await exists(noteOf(files, runId)))) return;
  throw new ExportError(
    'LoadSuperseded',
    `Run ${runId} has ended without landing export ${exportId} in ${files.database}; an attempt of it published nothing.`,
  );
}
