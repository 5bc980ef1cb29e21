import { describe, expect, it } from 'vitest';
import { compileWasm } from '../../scripts/compile-wasm.js';
import { recordScannerBytes } from '../../src/redaction/split/record-scanner-bytes.js';

describe('the WebAssembly that the splitter loads', () => {
  it('is what assembly/ compiles to: else run `npm run build:wasm`', async () => {
    expect(Buffer.from(await compileWasm()).toString('base64')).toBe(recordScannerBytes);
  });
});
