import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Name of a staged file without the epoch of the attempt that wrote it: `raw`, `raw.part`, `raw.part.version`. */
export const withoutEpoch = (name: string): string => name.replace(/\.\d+(-\d+)?(?=$|\.version$)/, '');

/** Where the files of a run lie that have this name, whichever attempts wrote them. */
export async function stagedAs(name: string, folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((each) => withoutEpoch(each) === name).map((each) => path.join(folder, each));
}

/** Whether bytes of a run's download have come, for `until`. */
export async function hasBytes(folder: string): Promise<true | undefined> {
  const [part] = await stagedAs('raw.part', folder);
  const size = part && (await stat(part).catch(() => undefined))?.size;
  return size ? true : undefined;
}
