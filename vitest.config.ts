import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

const long = process.env.LONG_TESTS === 'true';

/** Of their tables `npm test` takes a part and `npm run test:long` the rest (test/support/share.ts). */
const shared = [
  'promises/fresh-link/faults',
  'promises/fresh-link/lapsed-links',
  'promises/once/crash',
  'promises/once/cut-off',
  'promises/private/canary',
  'promises/whole/flipped-bits',
  'promises/whole/late-writer',
  'redaction/values',
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  test: {
    // What takes too long for every day: `npm run test:long`.
    include: long ? ['test/**/*.long.test.ts', ...shared] : ['test/**/*.test.ts'],
    exclude: long ? [] : ['test/**/*.long.test.ts', '**/node_modules/**'],
    globalSetup: ['test/support/global-setup.ts', 'test/support/tctl-setup.ts', 'test/support/weed-setup.ts'],
    setupFiles: ['test/support/set-up.ts'],
    sequence: { sequencer: LongestFirst },
    // Real servers start in these tests; a slow shared machine must not turn a pass into a failure. An attempt whose worker is not
    // told of it, as happens when a poll times out on its way, is made again after a minute, and there may be two of them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // To load the SDK and the sources anew for each file would be a tenth of all work. A file leaves its process as it found it.
    isolate: false,
    // Two cores can do with four: most of the slow tests wait for a server's timeouts.
    maxWorkers: 4,
    // The second one is for scripts/test-again.ts.
    reporters: process.env.CI === 'true' ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/test-results.json' },
  },
});
