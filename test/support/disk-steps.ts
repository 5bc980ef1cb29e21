import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { vi } from 'vitest';

export interface DiskStep {
  readonly does: 'sync' | 'truncate' | 'append';
  /** Name of the file or folder. */
  readonly of: string;
  /** What was in the folder by then. */
  readonly names: readonly string[];
}

/** What this process does to files from now on, as far as a power cut would tell; on Linux. `restore` ends it. */
export async function watchDisk(): Promise<{ readonly steps: readonly DiskStep[]; restore(): void }> {
  const probe = await open('/dev/null');
  const prototype = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const steps: DiskStep[] = [];
  const watched = (does: DiskStep['does'], method: 'sync' | 'truncate' | 'appendFile') => {
    const real = Reflect.get(prototype, method) as (...args: unknown[]) => Promise<void>;
    return vi.spyOn(prototype, method).mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      const at = readlinkSync(`/proc/self/fd/${this.fd}`);
      steps.push({ does, of: path.basename(at), names: statSync(at).isDirectory() ? readdirSync(at) : [] });
      return real.apply(this, args);
    });
  };
  const spies = [watched('sync', 'sync'), watched('truncate', 'truncate'), watched('append', 'appendFile')];
  return { steps, restore: () => spies.forEach((spy) => spy.mockRestore()) };
}
