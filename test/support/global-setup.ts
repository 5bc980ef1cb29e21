import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTemporalDevServer } from '../../src/testing/temporal/dev-server.js';
import { resolveTemporalCli, resolveTemporalTestServer } from '../../src/testing/temporal/executable.js';
import { bundleWorkflowsInto } from './workflow-bundle.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the development server that the whole run shares: tests keep apart by task queue and workflow id. */
    temporalAddress: string;
    /** Path of the `temporal` executable, for tests that need a server of their own or the command line. */
    temporalCliPath: string;
    /** Path of the time-skipping test server's executable. */
    temporalTestServerPath: string;
    /** The workflows, bundled once for all tests. */
    workflowBundlePath: string;
  }
}

/** Resolves (and at the first run installs) Temporal's executables once, and starts the server that all tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onProgress = (line: string): void => {
    console.log(line);
  };
  const cli = await resolveTemporalCli({ onProgress });
  const testServer = await resolveTemporalTestServer({ onProgress });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'temporal-tests-'));
  try {
    const server = await startTemporalDevServer({
      executable: cli.path,
      logFile: path.join(folder, 'server.log'),
    });
    project.provide('temporalAddress', server.address);
    project.provide('temporalCliPath', cli.path);
    project.provide('temporalTestServerPath', testServer.path);
    project.provide('workflowBundlePath', await bundleWorkflowsInto(folder));
    return async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
