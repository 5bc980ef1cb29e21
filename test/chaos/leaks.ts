import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { amountsIn, canariesOf, Search } from '../support/canaries.js';
import type { World } from '../support/open-world.js';
import { warehouseOf } from './warehouse.js';

/** Amounts that are looked for, of all files together: each is looked for in a dozen spellings. */
const MAX_AMOUNTS = 2_000;

/** Finds what may be in the destination alone. `secrets`: beside people, amounts, tokens and links. */
export function privateValues(world: World, secrets: readonly string[]): Search {
  const amounts = amountsIn(world, distinctJobs(world));
  const step = Math.max(1, Math.floor(amounts.length / MAX_AMOUNTS));
  const some = amounts.filter((_, index) => index % step === 0);
  return new Search([...canariesOf(world, secrets), ...some]);
}

/** One job for each file that there can be. */
function distinctJobs({ clari }: World): readonly string[] {
  const byWhat = new Map(clari.jobs.all().map((job) => [JSON.stringify([job.request, job.rowsTruncated]), job.jobId]));
  return [...byWhat.values()];
}

/** Names and contents of all files below a folder; none of the destination, which may hold what it likes. */
export async function filesBelow(folder: string, world: World): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const meant = files.filter((file) => !file.startsWith(warehouseOf(world)));
  return Buffer.concat([Buffer.from(meant.join('\n')), ...(await Promise.all(meant.map((file) => readFile(file))))]);
}
