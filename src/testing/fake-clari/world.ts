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
}

export const makeWorld = (settings: Settings): World => ({
  settings,
  tokens: new FakeTokens(settings.tokens),
  jobs: new FakeJobs(settings),
  files: new FakeFiles(settings),
  links: new FakeLinks(settings),
  journal: new Journal(),
});
