import { canaries } from '../../src/testing/fake-clari/canaries.js';
import type { World } from './open-world.js';

/** What must be found in no history, log or database: what the fake Clari says of it, and these secrets. */
export function canariesOf({ clari }: World, secrets: readonly string[] = []): readonly string[] {
  const { jobs, tokens } = clari;
  const expected = jobs.all().map(({ jobId }) => clari.expected(jobId));
  return [...new Set([...canaries({ expected, tokens, links: clari.mintedLinks() }), ...secrets])];
}

/** Amounts of money in the files of all jobs, or of these, that are too long to stand somewhere by chance, as the files have them. */
export function amountsIn(
  { clari }: World,
  jobIds: readonly string[] = clari.jobs.all().map(({ jobId }) => jobId),
): readonly string[] {
  const amounts = new Set<string>();
  for (const jobId of jobIds) {
    for (const entry of clari.expected(jobId).records('entries', { exact: true })) {
      for (const [field, value] of Object.entries(entry)) {
        if (/value|amount|total|closed/i.test(field) && /^-?(\d{6,}\.\d{2}|\d{12,})$/.test(String(value)))
          amounts.add(String(value));
      }
    }
  }
  return [...amounts];
}
