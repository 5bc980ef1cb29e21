import { ExportError } from '../model/export-error.js';

/** A failed file operation in words: its code and what was being done, never a path that holds a name, never content. */
export async function stagingIo<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') {
      throw new ExportError('StagingLost', `A staged file was gone while ${doing}.`);
    }
    const why = reasons[error.code] ?? error.code;
    throw new ExportError('StagingUnavailable', `Staging failed while ${doing}: ${why}.`);
  }
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
