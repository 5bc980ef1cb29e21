import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of the repository: its path from the root, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a check answers: one line a fault, `file:line: what is wrong`; none when all is well. */
export type Check = (files: readonly SourceFile[]) => string[];

/** Every file that git tracks, or would if it were added; those that are gone from the disk or not text are left out. */
export function readRepository(root: string): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split('\0'))]
    .filter((name) => name !== '')
    .sort()
    .flatMap((name) => {
      const text = readText(path.join(root, name));
      return text === undefined || text.includes('\0') ? [] : [{ path: name, text }];
    });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
