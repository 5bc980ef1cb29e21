import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Ten thousand polls and a month of waiting take minutes: `npm run test:long`.
    include: process.env.LONG_TESTS === 'true' ? ['test/**/*.long.test.ts'] : ['test/**/*.test.ts'],
    exclude: process.env.LONG_TESTS === 'true' ? [] : ['test/**/*.long.test.ts', '**/node_modules/**'],
    globalSetup: ['test/support/global-setup.ts', 'test/support/tctl-setup.ts', 'test/support/weed-setup.ts'],
    // Real servers start in these tests; a slow shared machine must not turn a pass into a failure.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // On CI a machine that stood still for a minute costs one more try; the report names every test that needed it.
    retry: process.env.CI === 'true' ? 1 : 0,
    pool: 'forks',
    // Two cores can do with four: most of the slow tests wait for a server's timeouts.
    maxWorkers: 4,
    reporters: ['default'],
  },
});
