/** Packs the package as `npm publish` would and checks the tarball: exports, types, and what may not stand in any of its files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pack } from './pack.js';
import type { SourceFile } from './checks/repository.js';
import { checkMachinePaths, checkSecrets } from './checks/texts.js';

const BASE64_MAP = /(sourceMappingURL=data:application\/json[^,]*base64,)([\w+/=]+)/;

const folder = mkdtempSync(path.join(tmpdir(), 'clari-package-'));
try {
  const tarball = pack(folder);
  run('publint', ['run', tarball, '--strict']);
  // ESM only: `require` of it works on every Node that `engines` allows.
  run('attw', [tarball, '--profile', 'esm-only']);
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const faults = faultsIn(path.join(folder, 'package'));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command: string, args: readonly string[]): void {
  try {
    execFileSync('npx', ['--no', '--', command, ...args], { stdio: 'inherit' });
  } catch {
    process.exitCode = 1;
  }
}

function faultsIn(root: string): string[] {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  const files = names.map((name): SourceFile => ({ path: name, text: readable(path.join(root, name)) }));
  console.log(`${files.length} files packed`);
  return [
    ...['dist/workflow-bundle.js', 'LICENSE', 'README.md', 'CHANGELOG.md']
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: is missing from the package`),
    ...names.filter((name) => /(^|\/)test\//.test(name)).map((name) => `${name}: has no place in the package`),
    ...checkMachinePaths(files),
    ...checkSecrets(files),
  ];
}

/** With an inline source map decoded: it holds names and texts of files too. */
function readable(file: string): string {
  return readFileSync(file, 'utf8').replace(BASE64_MAP, (_, mark: string, map: string) => {
    return `${mark}\n${JSON.stringify(JSON.parse(Buffer.from(map, 'base64').toString('utf8')), undefined, 1)}`;
  });
}
