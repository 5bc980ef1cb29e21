import { afterEach, describe, expect, it, vi } from 'vitest';
import { forecastFile } from '../../src/redaction/split/file-form.js';
import type * as RecordScannerModules from '../../src/redaction/split/record-scanner-module.js';
import { Splitter, type SplitEngine } from '../../src/redaction/split/splitter.js';
import { split } from './split-text.js';

const records = Array.from(
  { length: 1000 },
  (_, at) => `{"userId":"u${at}","forecastValue":${at}.5,"currency":{"code":"A"}}`,
);
const file = `{"entries":[${records.join(',')}]}`;

/** Splits the file; says how many records WebAssembly read. */
function readByWasm(engine?: SplitEngine): number {
  const splitter = new Splitter({ write: () => undefined }, forecastFile, engine === undefined ? {} : { engine });
  splitter.push(Buffer.from(file));
  expect(splitter.end().lists.get('entries')?.records).toBe(records.length);
  return splitter.recordsByWasm;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('what the splitter reads records by', () => {
  it('is WebAssembly, but for the first record and the last one of a chunk', () => {
    expect(split(file, { engine: 'wasm', size: file.length }).recordsByWasm).toBe(records.length - 1);
    expect(split(file, { engine: 'wasm', size: file.length / 10 }).recordsByWasm).toBeGreaterThan(records.length - 20);
    expect(split(file, { engine: 'plain', size: file.length }).recordsByWasm).toBe(0);
  });

  it('is WebAssembly unless JavaScript is asked for', () => {
    expect(readByWasm()).toBe(records.length - 1);
    expect(readByWasm('plain')).toBe(0);
  });

  it('is JavaScript where there is no WebAssembly, or none with SIMD', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(readByWasm()).toBe(0);
    expect(() => readByWasm('wasm')).toThrow('no WebAssembly with SIMD');
    function Module(): void {
      throw new SyntaxError('invalid opcode');
    }
    vi.stubGlobal('WebAssembly', { Module });
    expect(readByWasm()).toBe(0);
    // The process has compiled it before; this one has not.
    const anew = '../../src/redaction/split/record-scanner-module.js?anew';
    const { createRecordScannerModule } = (await import(anew)) as typeof RecordScannerModules;
    expect(createRecordScannerModule(64)).toBeUndefined();
    vi.unstubAllGlobals();
    expect(createRecordScannerModule(64)).toBeDefined();
  });

  it('is WebAssembly for records that have other fields, orders of fields and kinds of values than the first ones', () => {
    const odd = Array.from({ length: 4000 }, (_, at) => {
      const fields = [
        '"name":"x"',
        `"n${at % 40}":1`,
        `"value":${at % 3 === 0 ? 'null' : at % 3 === 1 ? '[1]' : '1.5'}`,
      ];
      return `{${[...fields.slice(at % 3), ...fields.slice(0, at % 3)].join(',')}}`;
    });
    const { recordsByWasm, summary } = split(`{"entries":[${odd.join(',')}]}`, { engine: 'wasm', size: 1e6 });
    expect(recordsByWasm).toBeGreaterThan(3900);
    expect(summary.lists.get('entries')?.census.fields.get('n7')?.records).toBe(100);
  });

  it('stays whole when there are more fields than WebAssembly has room for', () => {
    const many = Array.from({ length: 3000 }, (_, at) => `{"k${at}":1,"userId":"u"},{"k${at}":2,"userId":"v"}`);
    const text = `{"entries":[${many.join(',')}]}`;
    const counts = (engine: SplitEngine): unknown[] => {
      const list = split(text, { engine, size: 1e6 }).summary.lists.get('entries');
      return [...(list?.census.fields.values() ?? [])].map(({ name, records: n, numbers }) => [name, n, numbers]);
    };
    expect(counts('wasm')).toEqual(counts('plain'));
  });
});
