import { lookAtFiles } from '../../src/leak-scan/files.js';
import type { Looked } from '../../src/leak-scan/looked.js';
import { Search } from '../../src/leak-scan/search.js';
import { amountsIn, canariesOf } from '../support/canaries.js';
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

/** All files below a folder, by name and content; none of the destination, which may hold what it likes. */
export function filesBelow(folder: string, world: World, search: Search): AsyncIterable<Looked> {
  return lookAtFiles(search, folder, { except: (file) => file.startsWith(warehouseOf(world)) });
}

/** What was found in places that belong together, each value once. */
export async function foundIn(places: AsyncIterable<Looked>): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const { place, values, fault } of places) {
    if (fault !== undefined) throw new Error(`${place} was not searched: ${fault}`);
    for (const value of values) found.add(value);
  }
  return [...found].sort();
}
