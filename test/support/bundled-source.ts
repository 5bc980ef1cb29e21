import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { checkout } from './child.js';

const bundles = new Map<string, Promise<string>>();

/**
 * A source file of the checkout and all that it imports of it, as one file of JavaScript: a process that loads that starts in half
 * the time. Made once in a process, gone with it.
 */
export function bundledSource(source: string): Promise<string> {
  const known = bundles.get(source);
  if (known) return known;
  const bundle = bundled(source);
  bundles.set(source, bundle);
  return bundle;
}

async function bundled(source: string): Promise<string> {
  // As deep as a file of src/http, which looks for package.json from there.
  const outfile = path.join(checkout, '.cache', 'tests', `${path.basename(source, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [path.join(checkout, source)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    sourcemap: 'inline',
  });
  process.once('exit', () => {
    rmSync(outfile, { force: true });
  });
  return outfile;
}
