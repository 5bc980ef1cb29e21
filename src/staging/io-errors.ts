import { ExportError } from '../model/export-error.js';

/** Runs a file operation; a failure of it is told in words: its code and what was being done, never a path or content. */
export async function stagingIo<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw stagingError(doing, error);
  }
}

/** What an error of a file operation means for staging; any other error as it is. */
export function stagingError(doing: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  if (error.code === 'ENOENT') return new ExportError('StagingLost', `A staged file was gone while ${doing}.`);
  const why = reasons[error.code] ?? error.code;
  return new ExportError('StagingUnavailable', `Staging failed while ${doing}: ${why}.`);
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the folder is on a read-only file system',
  EACCES: 'the folder may not be written',
  EPERM: 'the folder may not be written',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'its path is that of a file',
  EMFILE: 'the process has no file descriptors left',
  ENFILE: 'the system has no file descriptors left',
};

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
