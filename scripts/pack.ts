import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds and packs the package as `npm publish` would; the tarball's path. */
export function pack(folder: string): string {
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    // What the build says on the way is of interest only when it fails.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // The build's own lines come first.
  const [packed] = JSON.parse(told.slice(told.search(/^\[/m))) as [{ readonly filename: string }];
  return path.join(folder, packed.filename);
}
