import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { TemporalToolError } from './errors.js';
import { findInCache, installExecutable, type InstallOptions } from './install.js';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER, type ExecutablePin, type NamedExecutable } from './pins.js';
import { runCommand } from './run-command.js';

const VERSION_TIMEOUT_MS = 60_000;

export interface ResolveOptions {
  /** Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told in one line when something is about to be installed, or why what is on the PATH is not used. Default: nobody. */
  readonly onProgress?: (line: string) => void;
  /** Default: `${process.platform}-${process.arch}`. */
  readonly platform?: string;
}

export interface ResolvedExecutable {
  /** Absolute path. */
  readonly path: string;
  readonly source: 'variable' | 'path' | 'cache' | 'installed';
}

/**
 * Finds Temporal's command line: `TEMPORAL_CLI_PATH`, else `temporal` on the PATH if it is 1.3 or later, else the pinned
 * version in the cache (`CLARI_TEMPORAL_CACHE`, default `~/.cache/clari-temporal`), where it is installed when absent.
 *
 * @throws TemporalToolError when the variable names nothing usable, or nothing was found and nothing can be installed.
 */
export function resolveTemporalCli(options: ResolveOptions = {}): Promise<ResolvedExecutable> {
  return resolveExecutable(TEMPORAL_CLI, options);
}

/** The same for the time-skipping test server, by `TEMPORAL_TEST_SERVER_PATH`; it can not say its version, so none is asked for. */
export function resolveTemporalTestServer(options: ResolveOptions = {}): Promise<ResolvedExecutable> {
  return resolveExecutable(TEMPORAL_TEST_SERVER, options);
}

/** @internal What the two above do, for a pin of the caller's. */
export async function resolveExecutable(
  pin: ExecutablePin,
  {
    env = process.env,
    onProgress = () => undefined,
    platform = `${process.platform}-${process.arch}`,
  }: ResolveOptions = {},
): Promise<ResolvedExecutable> {
  const installed = await findInstalled(pin, { env, onProgress });
  if (installed !== undefined) return installed;

  const cached = await findInCache(pin, env, platform);
  if (cached !== undefined) return { path: cached, source: 'cache' };
  return { path: await installExecutable(pin, { env, onProgress }, platform), source: 'installed' };
}

/**
 * @internal The executable that the pin's variable names, else the one on the PATH if it can be used; undefined without either.
 *
 * @throws TemporalToolError when the variable names nothing usable.
 */
export async function findInstalled(
  pin: NamedExecutable,
  { env, onProgress }: InstallOptions,
): Promise<ResolvedExecutable | undefined> {
  const named = env[pin.variable];
  if (named) {
    const fault = await faultOf(pin, named, env);
    if (fault !== undefined) {
      throw new TemporalToolError(
        `${pin.variable} names ${named}, which ${fault}: set it to the path of the ${pin.title}, or unset it.`,
      );
    }
    return { path: path.resolve(named), source: 'variable' };
  }

  const onPath = await findOnPath(pin.command, env);
  if (onPath !== undefined) {
    const fault = await faultOf(pin, onPath, env);
    if (fault === undefined) return { path: onPath, source: 'path' };
    onProgress(`${onPath} is not used: it ${fault}`);
  }
  return undefined;
}

/** Why `file` can not be used, as the end of a sentence; undefined when it can. */
async function faultOf(pin: NamedExecutable, file: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return 'does not exist';
  if (!found.isFile()) return 'is not a file';
  if (!(await isExecutable(file))) return 'may not be executed';
  if (pin.minimumVersion === undefined) return undefined;

  const answer = await runCommand(file, ['--version'], { env, timeoutMs: VERSION_TIMEOUT_MS });
  const version = /^temporal version (\d+)\.(\d+)/.exec(answer.stdout);
  if (!answer.ok || version === null) return 'does not answer --version as the Temporal CLI does';
  const [major, minor] = pin.minimumVersion;
  const [, foundMajor, foundMinor] = version.map(Number);
  if (foundMajor === undefined || foundMinor === undefined) return undefined;
  const old = foundMajor < major || (foundMajor === major && foundMinor < minor);
  return old ? `is version ${foundMajor}.${foundMinor}, older than ${major}.${minor}` : undefined;
}

async function findOnPath(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    const file = path.resolve(folder, command);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() && (await isExecutable(file))) return file;
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
