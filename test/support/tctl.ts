import { stat } from 'node:fs/promises';
import path from 'node:path';
import { TemporalToolError } from '../../src/testing/temporal/errors.js';
import { findInstalled } from '../../src/testing/temporal/executable.js';
import { addToCache, cacheFolder, lastLine } from '../../src/testing/temporal/install.js';
import { runCommand } from '../../src/testing/temporal/run-command.js';

const TCTL = { title: 'tctl', command: 'tctl', variable: 'TCTL_PATH' } as const;
/** The last version of it that Go builds from a module of the server. */
const GO_PACKAGE = 'go.temporal.io/server/cmd/tools/cli@v1.15.2';
const NAME_IN_CACHE = 'tctl-1.15.1';
/** What `go install` calls what it builds: the last folder of the package. */
const BUILT_NAME = 'cli';
const QUICK_MS = 60_000;
/** Two minutes on two idle cores, and all of the server's modules come from the network first. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

export interface TctlOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told in one line what is going on. */
  readonly onProgress: (line: string) => void;
}

/**
 * Path of tctl: `TCTL_PATH`, else `tctl` on the PATH, else what `buildTctl` left in the cache of Temporal's other executables;
 * undefined without any.
 *
 * @throws TemporalToolError when the variable names nothing that can be executed.
 */
export async function findTctl(options: TctlOptions): Promise<string | undefined> {
  const installed = await findInstalled(TCTL, options);
  if (installed !== undefined) return installed.path;
  const file = path.join(cacheFolder(options.env), NAME_IN_CACHE);
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() && (found.mode & 0o100) !== 0 ? file : undefined;
}

/**
 * Builds tctl by Go into the cache and returns its path. Go's own variables (`GOPROXY`, `GOFLAGS`, ...) are honoured, and what
 * it leaves outside the cache is in its own caches. Two processes may do so at once.
 *
 * @throws TemporalToolError when there is no Go, or it can not build it.
 */
export async function buildTctl({ env, onProgress }: TctlOptions): Promise<string> {
  if (!(await hasGo(env))) throw cannotBuild('there is no go on the PATH');
  const file = await addToCache(NAME_IN_CACHE, env, async (folder) => {
    onProgress('building tctl by go install (some minutes the first time) ...');
    const built = await runCommand(
      'go',
      // The linker of Go 1.23 and later refuses what a module of that age does with names of the runtime.
      ['install', '-ldflags=-checklinkname=0', GO_PACKAGE],
      { env: { ...env, GOBIN: folder }, timeoutMs: BUILD_TIMEOUT_MS },
    );
    if (!built.ok) throw cannotBuild(`go said: ${lastLine(built.stderr)}`);
    return path.join(folder, BUILT_NAME);
  });
  onProgress(`built ${file}`);
  return file;
}

/** Whether there is a Go to build tctl with. */
export async function hasGo(env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await runCommand('go', ['version'], { env, timeoutMs: QUICK_MS })).ok;
}

function cannotBuild(why: string): TemporalToolError {
  return new TemporalToolError(
    `tctl could not be built, since ${why}: install Go 1.23 or later, or set TCTL_PATH to the path of a tctl.`,
  );
}
