import type { TestProject } from 'vitest/node';
import { buildTctl, findTctl, hasGo } from './tctl.js';

/** A tctl to test with, or why the tests of it are left out. */
export type TctlForTests = { readonly path: string } | { readonly skipped: string };

declare module 'vitest' {
  export interface ProvidedContext {
    tctl: TctlForTests;
  }
}

/**
 * Finds tctl once for all tests. Only where nobody watches (`CI=true`) and Go is there is it built: minutes of silence are no
 * start of a test run.
 */
export async function tctlForTests(env: NodeJS.ProcessEnv, onProgress: (line: string) => void): Promise<TctlForTests> {
  const found = await findTctl({ env, onProgress });
  if (found !== undefined) return { path: found };
  let why = 'there is none';
  if (env.CI === 'true' && (await hasGo(env))) {
    try {
      return { path: await buildTctl({ env, onProgress }) };
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
  }
  const skipped = `tests with tctl are skipped (npm run tctl builds it by Go; or set TCTL_PATH): ${why}`;
  onProgress(skipped);
  return { skipped };
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide(
    'tctl',
    await tctlForTests(process.env, (line) => {
      console.log(line);
    }),
  );
}
