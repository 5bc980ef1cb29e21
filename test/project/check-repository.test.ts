import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkLockFile, missingEntries, platformEntry } from '../../scripts/checks/lock-file.js';
import type { Check } from '../../scripts/checks/repository.js';
import { checkArrows, checkCycles } from '../../scripts/checks/rooms.js';
import { checkSizes } from '../../scripts/checks/sizes.js';
import { checkMachinePaths, checkSecrets } from '../../scripts/checks/texts.js';
import { checkTemporalVersions } from '../../scripts/checks/versions.js';

const run = (check: Check, files: Record<string, string>): string[] =>
  check(Object.entries(files).map(([name, text]) => ({ path: name, text })));

/** Written in two pieces, so that this file holds none of what it is about. */
const join = (...pieces: string[]): string => pieces.join('');
const hex = '0123456789abcdef'.repeat(2);
const mixed = join('aB3', 'dE6gH9jK2mN5pQ8sT1vW4xY7zA0bC3dE');

describe('paths of a machine', () => {
  test.each([
    join('/ro', 'ot/x'),
    join('cd /wo', 'rk/main'),
    join('"/ho', 'me/jane/x"'),
    join('file:///Us', 'ers/jane/x'),
    join('DIR=/ho', 'me/jane/x'),
  ])('%s is found with its place', (text) => {
    expect(run(checkMachinePaths, { 'a.md': `first\n${text}` })).toEqual(['a.md:2: a path of some machine']);
  });

  test.each([
    'https://example.com/work/x',
    'src/work/x',
    './work/x',
    join('/ho', 'me/temporal/temporal.db'),
    join('~/wo', 'rk/x'),
  ])('%s is let through', (text) => {
    expect(run(checkMachinePaths, { 'a.md': text })).toEqual([]);
  });
});

describe('what looks like a secret', () => {
  test.each([
    ['an AWS key id', join('AKIA', 'ABCDEFGHIJKLMNOP')],
    ['a private key', join('-----BEGIN RSA ', 'PRIVATE KEY-----')],
    ['a Slack token', join('xox', 'b-123456789012-abc')],
    ['a GitHub token', join('gh', 'p_', 'a1B2'.repeat(9))],
    ['a JSON Web Token', join('eyJ', 'hbGciOiJI', 'x.eyJ', 'zdWIiOiIx', 'MjM.abcdefghijkl')],
    ['a long value', join('api', 'Key: "', hex, '"')],
    ['a long value', join('CLARI_API_TO', 'KEN=', mixed)],
    ['a long value', join('"pass', 'word": "', mixed, '"')],
  ])('%s is found', (what, text) => {
    const faults = run(checkSecrets, { 'a.ts': text });
    expect(faults).toEqual([expect.stringContaining(what)]);
    expect(faults.join()).not.toContain(text);
  });

  test('a reason on the line or on the one above excuses it, a bare mark does not', () => {
    const text = join('to', `ken: '${mixed}'`);
    expect(run(checkSecrets, { 'a.ts': `${text} // not a secret: made up for this test` })).toEqual([]);
    expect(run(checkSecrets, { 'a.ts': `// not a secret: made up for this test\n${text}` })).toEqual([]);
    expect(run(checkSecrets, { 'a.ts': `${text} // not a secret:` })).toHaveLength(1);
    expect(run(checkSecrets, { 'a.ts': `// not a secret: made up\n\n${text}` })).toHaveLength(1);
  });

  test.each([
    'token: readTokenFromTheSecretStoreOfTheAccount2(account)',
    'secret: aws:clari/production/integration-user-token',
    'apiKey: string',
    `sha256: '${hex}'`,
  ])('%s is let through', (text) => {
    expect(run(checkSecrets, { 'a.ts': text })).toEqual([]);
  });
});

test('the address of a registry in the lock file is found, elsewhere it is let through', () => {
  const text = join('{"packages":{"a":{"resolved": "', 'https://registry.example/a.tgz"}}}');
  expect(run(checkLockFile, { 'package-lock.json': text })).toHaveLength(1);
  expect(run(checkLockFile, { 'other.json': text })).toEqual([]);
});

test('a lock file that lacks an optional package is found, and can be completed', () => {
  const parent = {
    version: '1.2.3',
    optionalDependencies: { '@x/y-linux-arm64-musl': '1.2.3', 'z-win32-x64': '1.2.3' },
  };
  const packages = { 'node_modules/@x/y': parent, 'node_modules/@x/y/node_modules/z-win32-x64': { version: '1.2.3' } };
  const text = JSON.stringify({ packages });
  expect(run(checkLockFile, { 'package-lock.json': text })).toEqual([expect.stringContaining('@x/y-linux-arm64-musl')]);
  const [missing] = missingEntries({ packages });
  if (!missing) throw new Error('nothing is missing');
  const entry = { version: '1.2.3', optional: true, os: ['linux'], cpu: ['arm64'], libc: ['musl'] };
  expect(platformEntry(missing)).toEqual(entry);
  expect(missingEntries({ packages: { ...packages, [`node_modules/${missing.name}`]: entry } })).toEqual([]);
  expect(platformEntry({ name: 'fsevents', version: '2.3.3' })).toBeUndefined();
});

test('a source file of more than 300 lines is found, a test of any length is let through', () => {
  const long = 'x\n'.repeat(301);
  expect(
    run(checkSizes, { 'src/model/a.ts': long, 'test/a.test.ts': long, 'src/model/b.ts': 'x\n'.repeat(300) }),
  ).toEqual(['src/model/a.ts: 301 lines, more than 300: split it']);
});

describe('cycles of imports', () => {
  test('a circle is found once, also through types and re-exports', () => {
    const files = {
      'src/model/a.ts': "import { b } from './b.js';",
      'src/model/b.ts': "export * from './c.js';",
      'src/model/c.ts': "import type { A } from './a.js';",
      'src/model/d.ts': "import { a } from './a.js';",
    };
    expect(run(checkCycles, files)).toEqual([
      'src/model/a.ts: imports itself by way of src/model/b.ts > src/model/c.ts > src/model/a.ts',
    ]);
  });

  test('two ways to the same file are no circle', () => {
    const files = {
      'src/model/a.ts': "import './b.js'; import './c.js';",
      'src/model/b.ts': "import './d.js';",
      'src/model/c.ts': "import './d.js';",
    };
    expect(run(checkCycles, files)).toEqual([]);
  });
});

describe('arrows between the rooms', () => {
  const fault = (file: string, text: string): string[] => run(checkArrows, { [file]: text });

  test.each([
    ['src/clari/a.ts', "import { b } from '../staging/b.js';", 'clari may not import staging'],
    ['src/staging/a.ts', "export { b } from '../clari/b.js';", 'staging may not import clari'],
    ['src/http/a.ts', "const b = await import('../duckdb/b.js');", 'http may not import duckdb'],
    ['src/model/a.ts', "type B = import('../http/b.js').B;", 'model may not import http'],
    [
      'src/workflows/a.ts',
      "import { b } from '../activities/b.js';",
      'workflows may import the types of activities only',
    ],
    [
      'src/config/a.ts',
      "import { type B, b } from '../redaction/b.js';",
      'config may import the types of redaction only',
    ],
    ['src/activities/a.ts', "import { b } from '../config/b.js';", 'activities may import the types of config only'],
    ['src/worker.ts', "import { b } from './testing/b.js';", 'worker.ts may not import testing'],
    ['src/worker.ts', "import { b } from './cli.js';", 'worker.ts may not import cli.ts'],
    ['src/testing/a.ts', "import { b } from '../worker.js';", 'testing may not import worker.ts'],
    ['src/model/a.ts', "import { z } from 'zod';", 'model may not import zod'],
    ['src/model/a.ts', "import fs from 'node:fs';", 'model may not import node:fs'],
    [
      'src/model/a.ts',
      "import { b } from '@temporalio/common';",
      'model may import the types of @temporalio/common only',
    ],
    ['src/cli/a.ts', "import { b } from '../../test/b.js';", 'cli imports test/b.ts, which is outside src/'],
  ])('%s: %s is refused', (file, text, expected) => {
    expect(fault(file, `\n${text}`)).toEqual([`${file}:2: ${expected}`]);
  });

  test.each([
    ['src/clari/a.ts', "import { b } from '../http/b.js'; import { c } from './c.js';"],
    ['src/workflows/a.ts', "import type { B } from '../activities/b.js';"],
    ['src/model/a.ts', "import type { B } from '@temporalio/common';"],
    ['src/cli/a.ts', "import { b } from '../testing/b.js'; import { w } from '../worker.js';"],
    ['src/worker.ts', "import { b } from './clari/b.js'; import { c } from './config/c.js';"],
    ['src/clari/a.ts', "// import { b } from '../staging/b.js';\nconst text = \"import '../staging/b.js'\";"],
  ])('%s: %s is allowed', (file, text) => {
    expect(fault(file, text)).toEqual([]);
  });

  test('a room that no table knows is named', () => {
    expect(fault('src/attic/a.ts', '')).toEqual([expect.stringMatching(/^src\/attic: is in no table/)]);
  });
});

describe('versions of the SDK', () => {
  const versions = (content: object): string[] =>
    run(checkTemporalVersions, { 'package.json': JSON.stringify(content) });

  test('a range and a second version are found, wherever they stand', () => {
    expect(versions({ dependencies: { '@temporalio/common': '^1.24.0' } })).toEqual([
      expect.stringContaining('@temporalio/common is asked for as ^1.24.0'),
    ]);
    expect(
      versions({
        devDependencies: { '@temporalio/worker': '1.24.0' },
        peerDependencies: { '@temporalio/common': '1.23.0' },
      }),
    ).toEqual([expect.stringContaining('1.24.0 and 1.23.0')]);
  });

  test('one exact version is let through, and other packages are left alone', () => {
    const same = { '@temporalio/common': '1.24.0', '@temporalio/worker': '1.24.0', zod: '^4.0.0' };
    expect(versions({ devDependencies: same })).toEqual([]);
  });
});

describe('the whole check', () => {
  let folder: string;
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  const check = (): { status: number | null; stderr: string } =>
    spawnSync(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('../../scripts/check-repository.ts', import.meta.url)), folder],
      {
        encoding: 'utf8',
      },
    );

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'check-repository-'));
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    write('package.json', '{}');
    write('.gitignore', 'ignored/\n');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('it passes on a clean folder and ignores what git ignores', () => {
    write('ignored/a.md', join('/ro', 'ot/x'));
    expect(check()).toMatchObject({ status: 0, stderr: '' });
  });

  test('every one of its checks makes it fail', () => {
    write('a.md', join('/ro', 'ot/x'));
    write('b.md', join('xox', 'p-123456789012-abc'));
    write('package-lock.json', join('{"packages":{"a":{"resolved": "', 'https://registry.example/a.tgz"}}}'));
    write('package.json', '{ "dependencies": { "@temporalio/common": "^1.24.0" } }');
    write('src/model/a.ts', `import './b.js';\n${'\n'.repeat(300)}export {};\n`);
    write('src/model/b.ts', "import './a.js';\nimport '../http/c.js';\n");
    const { status, stderr } = check();
    expect(status).toBe(1);
    for (const part of [
      'a.md:1',
      'b.md:1',
      'registry',
      'one exact version',
      'split it',
      'imports itself',
      'may not import',
    ]) {
      expect(stderr).toContain(part);
    }
  });
});
