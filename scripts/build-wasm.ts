/** `npm run build:wasm`, after a change to assembly/: compiles it into the file that the splitter loads. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compileWasm } from './compile-wasm.js';

// A module, since neither tsc nor a bundler would take a .wasm file along.
const path = 'src/redaction/split/record-scanner-bytes.ts';

const wasm = await compileWasm();
const lines =
  Buffer.from(wasm)
    .toString('base64')
    .match(/.{1,100}/g) ?? [];
const text = `/** Made from assembly/ by \`npm run build:wasm\`; not to be edited. */
export const recordScannerBytes = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
await writeFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), text);
console.log(`${path}: ${wasm.length} bytes`);
