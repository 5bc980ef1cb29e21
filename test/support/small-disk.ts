import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const MIB = 1024 * 1024;

/** A file system of its own, of few megabytes, that can be filled up or made read-only. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all room but so many bytes, until `free`. */
  fill(leave: number): void;
  free(): void;
  setWritable(writable: boolean): void;
  unmount(): void;
}

/** Whether this user may mount one; where not, it is said. */
export function mayMountDisks(): boolean {
  try {
    mountSmallDisk(1).unmount();
    return true;
  } catch {
    console.log('Tests of a full or read-only disk are skipped: a small tmpfs can not be mounted here.');
    return false;
  }
}

export function mountSmallDisk(mib: number): SmallDisk {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'clari-disk-'));
  try {
    mount('-t', 'tmpfs', '-o', `size=${mib}m,mode=0700`, 'tmpfs', folder);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  const hog = path.join(folder, 'hog');
  return {
    path: folder,
    fill(leave) {
      const { bavail, bsize } = statfsSync(folder);
      const file = openSync(hog, 'w');
      for (let left = Math.floor(bavail * bsize - leave); left > 0;)
        left -= writeSync(file, Buffer.alloc(Math.min(left, MIB)));
      closeSync(file);
    },
    free: () => rmSync(hog, { force: true }),
    setWritable: (writable) => mount('-o', `remount,${writable ? 'rw' : 'ro'}`, folder),
    unmount() {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function mount(...words: readonly string[]): void {
  execFileSync('mount', words, { stdio: 'ignore' });
}
