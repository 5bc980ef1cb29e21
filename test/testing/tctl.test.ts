import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildTctl, findTctl } from '../support/tctl.js';
import { tctlForTests } from '../support/tctl-setup.js';
import { writeScript } from './fake-tools.js';

let folder: string;
let env: NodeJS.ProcessEnv;
let lines: string[];
const inFolder = (...names: string[]): string => path.join(folder, ...names);
const onProgress = (line: string): void => void lines.push(line);

/** A `go` that notes how it was called, and installs a script as `cli` where it is told to. */
const fakeGo = (body = 'printf "#!/bin/sh\\n" > "$GOBIN/cli"; chmod +x "$GOBIN/cli"'): Promise<string> =>
  writeScript(
    inFolder('go-bin'),
    'go',
    `PATH=/usr/bin:/bin\n[ "$1" = version ] && exit\necho "$* GOFLAGS=$GOFLAGS GOPROXY=$GOPROXY" >> '${inFolder('calls')}'\n${body}`,
  );
const goCalls = async (): Promise<string[]> =>
  (await readFile(inFolder('calls'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tctl-'));
  lines = [];
  env = { CLARI_TEMPORAL_CACHE: inFolder('cache'), PATH: `${inFolder('go-bin')}:${inFolder('bin')}` };
  await fakeGo();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('tctl for the tests', () => {
  test('is the one that the variable names, else on the PATH, else built into the cache', async () => {
    expect(await findTctl({ env, onProgress })).toBeUndefined();
    const built = await buildTctl({ env, onProgress });
    expect(await findTctl({ env, onProgress })).toBe(built);
    const onPath = await writeScript(inFolder('bin'), 'tctl', 'exit 0');
    expect(await findTctl({ env, onProgress })).toBe(onPath);
    env.TCTL_PATH = await writeScript(inFolder('named'), 'my-tctl', 'exit 0');
    expect(await findTctl({ env, onProgress })).toBe(env.TCTL_PATH);
    env.TCTL_PATH = inFolder('nowhere');
    await expect(findTctl({ env, onProgress })).rejects.toThrow(/^TCTL_PATH names .*nowhere, which does not exist/);
  });

  test('is built at one version, under the user’s own settings of Go', async () => {
    Object.assign(env, { GOFLAGS: '-x', GOPROXY: 'off', GOBIN: inFolder('not-here') });
    await buildTctl({ env, onProgress });
    expect(await goCalls()).toEqual([
      'install -ldflags=-checklinkname=0 go.temporal.io/server/cmd/tools/cli@v1.15.2 GOFLAGS=-x GOPROXY=off',
    ]);
    expect((await readdir(folder)).sort()).toEqual(['cache', 'calls', 'go-bin']);
  });

  test('is whole when two build it at once, and nothing else is left', async () => {
    const both = await Promise.all([buildTctl({ env, onProgress }), buildTctl({ env, onProgress })]);
    expect(both).toEqual([inFolder('cache', 'tctl-1.15.1'), inFolder('cache', 'tctl-1.15.1')]);
    expect(await readdir(inFolder('cache'))).toEqual(['tctl-1.15.1']);
  });

  test('that can not be built leaves nothing, and says why and what to do', async () => {
    await fakeGo('echo first >&2; echo "no such module" >&2; exit 1');
    const message = 'go said: no such module: install Go 1.23 or later, or set TCTL_PATH';
    await expect(buildTctl({ env, onProgress })).rejects.toThrow(message);
    expect(await readdir(inFolder('cache'))).toEqual([]);
    env.PATH = inFolder('empty');
    await expect(buildTctl({ env, onProgress })).rejects.toThrow('there is no go on the PATH');
  });
});

describe('a run of the tests without tctl', () => {
  test('leaves its tests out and says how to get one, rather than build for minutes', async () => {
    expect(await tctlForTests(env, onProgress)).toEqual({ skipped: expect.stringContaining('npm run tctl') as string });
    expect(lines).toEqual([expect.stringContaining('npm run tctl')]);
    expect(await goCalls()).toEqual([]);
  });

  test('builds it on CI', async () => {
    env.CI = 'true';
    expect(await tctlForTests(env, onProgress)).toEqual({ path: inFolder('cache', 'tctl-1.15.1') });
  });

  test('leaves its tests out on CI too where it can not be built, and says why', async () => {
    env.CI = 'true';
    await fakeGo('exit 1');
    expect(await tctlForTests(env, onProgress)).toEqual({
      skipped: expect.stringMatching(/TCTL_PATH\): .*go/i) as string,
    });
    env.PATH = inFolder('empty');
    expect(await tctlForTests(env, onProgress)).toEqual({ skipped: expect.stringContaining('npm run tctl') as string });
  });
});
