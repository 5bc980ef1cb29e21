import { recordScannerBytes } from './record-scanner-bytes.js';

interface Global {
  readonly value: number;
}

/** What assembly/records.ts exports. Addresses and counts are 32-bit numbers. */
export interface RecordScannerModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly BUFFER: Global;
  readonly CUTS: Global;
  readonly COUNTERS: Global;
  readonly SEEN: Global;
  readonly MEMBERS: Global;
  readonly records: Global;
  readonly stoppedAt: Global;
  readonly unknown: Global;
  readonly cutsEnd: Global;
  setNumberLimits(maxExactNumber: number, maxFractionDigits: number): void;
  resetKeys(): void;
  addField(): number;
  addOwner(): number;
  roomForKey(length: number): number;
  addSpelling(owner: number, field: number, length: number): number;
  scan(from: number, end: number, start: number): number;
}

/** The part of WebAssembly's interface that is used here: the types of Node 20 have none of it. */
interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** Bytes beyond the buffer's end that the module may read. */
const MARGIN = 64;
const PAGE = 64 * 1024;

let compiled: object | undefined;

/**
 * An instance with a memory of its own, and in that a buffer of `bufferBytes`, of a module compiled once a process; undefined where
 * there is no WebAssembly with SIMD, or no address space for another memory.
 */
export function createRecordScannerModule(bufferBytes: number): RecordScannerModule | undefined {
  // Absent under `node --jitless`.
  const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly?: Api };
  if (api === undefined) return undefined;
  try {
    compiled ??= new api.Module(Buffer.from(recordScannerBytes, 'base64'));
    const module = new api.Instance(compiled).exports as RecordScannerModule;
    const missing = module.BUFFER.value + bufferBytes + MARGIN - module.memory.buffer.byteLength;
    if (missing > 0) module.memory.grow(Math.ceil(missing / PAGE));
    return module;
  } catch {
    return undefined;
  }
}
