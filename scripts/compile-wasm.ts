import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const options = [
  'assembly/records.ts',
  ...['--outFile', 'records.wasm', '--baseDir', fileURLToPath(new URL('..', import.meta.url))],
  ...['--enable', 'simd', '--enable', 'bulk-memory'],
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
  // Nothing is allocated or thrown, so nothing of the language's runtime is needed.
  ...['--runtime', 'stub', '--use', 'abort='],
];

/** Compiles assembly/records.ts. @throws Error with what the compiler says */
export async function compileWasm(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const said = asc.createMemoryStream();
  const { error } = await asc.main(options, {
    stderr: said,
    writeFile: (_name, contents) => void (bytes = contents as Uint8Array),
    listFiles: () => [],
  });
  if (error !== null || bytes === undefined) throw new Error(said.toString(), { cause: error });
  return bytes;
}
