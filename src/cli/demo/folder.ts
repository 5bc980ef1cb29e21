import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const MARK = '.made-by-clari-temporal-demo';

export interface DemoFolder {
  readonly path: string;
  readonly database: string;
  readonly staging: string;
  readonly keyFile: string;
  readonly workerLog: string;
  readonly temporalLog: string;
}

/**
 * Makes the demo's folder, in place of an earlier demo's.
 * @throws Error when the folder exists and is not a demo's: it might be somebody's work
 */
export async function makeFolder(name: string): Promise<DemoFolder> {
  const path = resolve(name);
  if (existsSync(path) && (await readdir(path)).length > 0 && !existsSync(join(path, MARK))) {
    throw new Error(`The folder ${name} exists and was not made by a demo: name another with --folder.`);
  }
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await writeFile(join(path, MARK), '');
  const keyFile = join(path, 'redaction.key');
  await writeFile(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  return {
    path,
    database: join(path, 'warehouse.duckdb'),
    staging: join(path, 'staging'),
    keyFile,
    workerLog: join(path, 'worker.log'),
    temporalLog: join(path, 'temporal.log'),
  };
}
