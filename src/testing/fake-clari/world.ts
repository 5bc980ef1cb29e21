import type { ExpectedFile } from './data/expected-file.js';
import { FakeFaults } from './faults/engine.js';
import { FakeFiles } from './files.js';
import { FakeJobs } from './jobs.js';
import { Journal } from './journal.js';
import { FakeLinks } from './links.js';
import type { Settings } from './options.js';
import { FakeTokens } from './tokens.js';

/** All that the endpoints of one fake server share. */
export interface World {
  readonly settings: Settings;
  readonly tokens: FakeTokens;
  readonly jobs: FakeJobs;
  readonly files: FakeFiles;
  readonly links: FakeLinks;
  readonly journal: Journal;
  readonly faults: FakeFaults;
  /** Makes `settings.now` differ from the clock that it was given. */
  readonly skewClock: (ms: number) => void;
}

/** @throws FaultRulesError for rules that can not be */
export function makeWorld(given: Settings): World {
  let skewMs = 0;
  const settings = { ...given, now: () => given.now() + skewMs };
  // By the true clock: a rule that skews the other one does not end itself.
  const faults = new FakeFaults(given);
  faults.set(given.faults);
  const files = new FakeFiles(settings);
  return {
    settings,
    tokens: new FakeTokens(settings.tokens),
    jobs: new FakeJobs(settings, files),
    files,
    links: new FakeLinks(settings),
    journal: new Journal(),
    faults,
    skewClock: (ms) => {
      skewMs = ms;
    },
  };
}

/**
 * What the file of a job holds, as it is served.
 * @throws RangeError for an unknown job
 */
export function expectedOf({ jobs, files }: World, jobId: string): ExpectedFile {
  const job = jobs.get(jobId);
  if (job === undefined) throw new RangeError(`no job ${jobId}`);
  return files.expectedOfJob(job);
}
