import { ExportError } from '../../src/model/export-error.js';
import { forecastFile, type FileForm } from '../../src/redaction/split/file-form.js';
import type { SplitSummary } from '../../src/redaction/split/split-outline.js';
import { Splitter, type SplitEngine } from '../../src/redaction/split/splitter.js';

export const engines: readonly SplitEngine[] = ['wasm', 'plain'];

export interface SplitText {
  /** The records of each list as they were written. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  readonly summary: SplitSummary<string>;
  readonly recordsByWasm: number;
}

export interface SplitTextOptions {
  readonly engine: SplitEngine;
  readonly form?: FileForm<string>;
  /** Bytes of each chunk. */
  readonly size?: number;
}

/** Splits a file given as text or bytes. */
export function split(
  file: string | Uint8Array,
  { engine, form = forecastFile, size = 7 }: SplitTextOptions,
): SplitText {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const parts: Record<string, Buffer[]> = {};
  const splitter = new Splitter<string>(
    { write: (list, part) => void (parts[list] ??= []).push(Buffer.from(part)) },
    form,
    { engine },
  );
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
  const summary = splitter.end();
  const lines = Object.entries(parts).map(([list, all]) => {
    const text = Buffer.concat(all).toString('utf8');
    return [list, text.split('\n').slice(0, -1)] as const;
  });
  return { lines: Object.fromEntries(lines), summary, recordsByWasm: splitter.recordsByWasm };
}

/** The failure that splitting `file` ends in. */
export function splitError(file: string | Uint8Array, options: SplitTextOptions): ExportError {
  try {
    split(file, options);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
