import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openLocalStaging } from '../../src/staging/local.js';
import type { Subject } from './contract.js';

/** Staging in a folder of the test's own. */
export async function folderSubject(): Promise<Subject & { readonly root: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'clari-staging-'));
  const root = path.join(folder, 'staging');
  const fileOf = (runKey: string, name: string): string => path.join(root, 'runs', runKey, name);
  return {
    root,
    open: () => openLocalStaging(root),
    openOther: () => openLocalStaging(`${root}-2`),
    names: async (runKey) => (await readdir(path.join(root, 'runs', runKey)).catch(() => [])).sort(),
    stored: (runKey, name) => readFile(fileOf(runKey, name)),
    store: (runKey, name, bytes) =>
      bytes ? writeFile(fileOf(runKey, name), bytes) : rm(fileOf(runKey, name), { recursive: true }),
    everything: () => bytesBelow(root),
    kept: (bytes) => bytes,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Content of all files below a folder, in one. */
export async function bytesBelow(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name)))));
}
