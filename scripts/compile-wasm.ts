import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('..', import.meta.url));
// As a program: its types would take the place of JavaScript's own in the whole project.
const compiler = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));

const options = [
  ...['--enable', 'simd', '--enable', 'bulk-memory'],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
  // Nothing is allocated or thrown, so nothing of the language's runtime is needed.
  ...['--runtime', 'stub', '--use', 'abort='],
];

/** Compiles assembly/records.ts. @throws Error with what the compiler says */
export async function compileWasm(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'wasm-'));
  try {
    const outFile = join(folder, 'records.wasm');
    await run(process.execPath, [compiler, 'assembly/records.ts', '--outFile', outFile, ...options], { cwd: checkout });
    return await readFile(outFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
