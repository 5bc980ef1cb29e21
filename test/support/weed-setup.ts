import type { TestProject } from 'vitest/node';
import { resolveExecutable } from '../../src/testing/temporal/executable.js';
import { WEED } from './weed.js';

/** An S3 server to test with, or why its tests are left out. */
export type WeedForTests = { readonly path: string } | { readonly skipped: string };

declare module 'vitest' {
  export interface ProvidedContext {
    weed: WeedForTests;
  }
}

/** Finds SeaweedFS once for all tests, or installs it beside Temporal's executables. On CI (`CI=true`) there must be one. */
export default async function setup(project: TestProject): Promise<void> {
  const onProgress = (line: string): void => {
    console.log(line);
  };
  const weed = await resolveExecutable(WEED, { onProgress }).catch((error: unknown) => {
    if (process.env.CI === 'true') throw error;
    const skipped = `tests with S3 are skipped: ${error instanceof Error ? error.message : String(error)}`;
    onProgress(skipped);
    return { skipped };
  });
  project.provide('weed', 'path' in weed ? { path: weed.path } : weed);
}
