import type { FakeClari } from '../../src/testing/fake-clari/index.js';
import type { World } from './open-world.js';

/**
 * What must be found in no history, log or database: the people of all files (surnames alone too), every token, and of every link
 * the whole and the parts that open it.
 */
export function canariesOf({ clari }: World, secrets: readonly string[] = []): readonly string[] {
  const links = clari.mintedLinks().flatMap(({ url }) => {
    const { pathname, searchParams } = new URL(url);
    return [url, pathname.split('/').at(-1) ?? url, searchParams.get('signature') ?? url];
  });
  return [...new Set([...peopleIn(clari), ...clari.tokens.everKnown(), ...secrets, ...links])];
}

function peopleIn(clari: FakeClari): Set<string> {
  const people = new Set<string>();
  for (const { jobId } of clari.jobs.all()) {
    for (const { kind, value } of clari.expected(jobId).personalValues()) {
      people.add(value);
      // Only the e-mail says which part of a name nobody else has.
      if (kind === 'email') people.add((value.split('.')[0] ?? value).toLowerCase());
    }
  }
  return people;
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
