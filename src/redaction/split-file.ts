import type { Readable } from 'node:stream';
import type { Pieces } from './pieces.js';
import { forecastFile } from './split/file-form.js';
import type { SplitSummary } from './split/split-outline.js';
import { Splitter, type SplitEngine } from './split/splitter.js';

/** Bytes between two looks at the disk. */
const STEP = 256 * 1024;

export interface SplitOptions {
  readonly signal: AbortSignal;
  /** Called after each chunk. */
  readonly onBytes: (bytesRead: number) => void;
  /** Default: the fastest that is there. */
  readonly engine?: SplitEngine;
}

/**
 * Splits a whole file into pieces. Errors of `raw` are thrown as they are: staging says so when a file is not what it was.
 * @throws ExportError `FileMalformed`, `StagingUnavailable`; the signal's reason
 */
export async function splitFile(raw: Readable, pieces: Pieces, options: SplitOptions): Promise<SplitSummary> {
  const { signal, onBytes, engine } = options;
  const splitter = new Splitter(pieces, forecastFile, engine === undefined ? {} : { engine });
  // A stream that waits for a slow source must still end at once.
  const stop = (): void => void raw.destroy();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  let bytesRead = 0;
  try {
    for await (const chunk of raw as AsyncIterable<Uint8Array | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      for (let at = 0; at < bytes.length; at += STEP) {
        signal.throwIfAborted();
        splitter.push(bytes.subarray(at, at + STEP));
        await pieces.settle();
      }
      bytesRead += bytes.length;
      onBytes(bytesRead);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  const summary = splitter.end();
  await pieces.settle(true);
  return summary;
}
