import { ExportError } from '../../model/export-error.js';

/** How long a caller does well to wait before it asks again for a destination that somebody else holds. */
const BUSY_RETRY_MS = 5_000;

/** What the operating system says, in the words that may be passed on: they hold no data. */
const systemReasons = [
  'No space left on device',
  'Disk quota exceeded',
  'File too large',
  'Permission denied',
  'Operation not permitted',
  'Read-only file system',
  'Is a directory',
  'Not a directory',
  'No such file or directory',
  'Too many open files',
  'Too many levels of symbolic links',
  'Input/output error',
  'No locks available',
] as const;

const systemCodes: Record<string, string> = {
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'Not a directory',
  ENOENT: 'No such file or directory',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files',
  ELOOP: 'Too many levels of symbolic links',
  EIO: 'Input/output error',
};

/**
 * What DuckDB or the file system threw, as a failure of ours. Of the foreign text only fixed phrases are kept: DuckDB puts
 * cell values into its messages.
 *
 * @param doing what was under way, for a sentence like `DuckDB failed while <doing> <file>`
 */
export function asExportError(error: unknown, doing: string, file: string): ExportError {
  if (error instanceof ExportError) return error;
  const text = error instanceof Error ? error.message : '';
  const place = `while ${doing} ${file}`;
  if (text.includes('Conflicting lock is held')) return busy(file, /\(PID (\d+)\)/u.exec(text)?.[1]);
  if (/version number|(?:newer|older) version/u.test(text)) {
    return new ExportError(
      'DestinationIncompatible',
      `${file} was written by another version of DuckDB than this package brings: update the package, or name another database file.`,
    );
  }
  if (/not a valid DuckDB database file|Corrupt database file/u.test(text)) {
    return new ExportError(
      'DestinationIncompatible',
      `${file} is not a sound DuckDB database: restore it, move it away, or name another file.`,
    );
  }
  const reason = systemReasons.find((phrase) => text.includes(phrase)) ?? systemCodes[codeOf(error)];
  if (reason !== undefined) return new ExportError('DestinationUnavailable', `${reason}, ${place}.`);
  const kind = /^(?:FATAL|INTERNAL|[A-Z][A-Za-z ]{2,40}) Error/u.exec(text)?.[0] ?? 'an error without a known kind';
  if (kind === 'Out of Memory Error') {
    return new ExportError(
      'DestinationUnavailable',
      `DuckDB’s memory limit did not suffice ${place}: raise the destination’s memoryLimitMb.`,
    );
  }
  if (kind === 'IO Error') return new ExportError('DestinationUnavailable', `DuckDB could not read or write ${place}.`);
  return new ExportError('Unexpected', `DuckDB ended with ${kind} ${place}.`);
}

function busy(file: string, pid: string | undefined): ExportError {
  const holder = pid === undefined ? 'another process' : `the process with PID ${pid}`;
  return new ExportError(
    'DestinationBusy',
    `${file} is held by ${holder}: wait until it has finished, or close the program that has the database open.`,
    { retryAfterMs: BUSY_RETRY_MS },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
