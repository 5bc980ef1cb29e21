import type { Readable } from 'node:stream';
import type { ListName } from './lists.js';
import { Pieces } from './pieces.js';
import { readStream } from './read-stream.js';
import { forecastFile } from './split/file-form.js';
import type { SplitSummary } from './split/split-outline.js';
import type { SplitSink } from './split/split-sink.js';
import { Splitter, type SplitEngine } from './split/splitter.js';

/** Bytes between two looks at the disk. */
const STEP = 256 * 1024;

/** A file in pieces, which whoever has them closes. */
export interface SplitFile {
  readonly split: SplitSummary;
  readonly pieces: Pieces;
}

export interface SplitOptions {
  readonly signal: AbortSignal;
  /** A private folder for the pieces. */
  readonly scratch: string;
  /** Called after each chunk. */
  readonly onBytes: (bytesRead: number) => void;
  /** Default: the fastest that is there. */
  readonly engine?: SplitEngine;
}

/**
 * Splits a whole file into pieces. Errors of the file are thrown as they are: staging says so when it is not what it was.
 * @throws ExportError `FileMalformed`, `StagingUnavailable`; the signal's reason
 */
export async function splitFile(open: () => Promise<Readable>, options: SplitOptions): Promise<SplitFile> {
  const pieces = await Pieces.create(options.scratch);
  try {
    const raw = await open();
    try {
      const split = await splitInto(pieces, raw, options);
      await pieces.settle(true);
      return { split, pieces };
    } finally {
      raw.destroy();
    }
  } catch (error) {
    await pieces.close();
    throw error;
  }
}

/** What a whole file has, with its records forgotten. @throws as `splitFile` */
export async function surveyFile(raw: Readable, options: Omit<SplitOptions, 'scratch'>): Promise<SplitSummary> {
  try {
    return await splitInto({ write: () => undefined, settle: () => Promise.resolve() }, raw, options);
  } finally {
    raw.destroy();
  }
}

type SettlingSink = SplitSink<ListName> & Pick<Pieces, 'settle'>;

async function splitInto(
  pieces: SettlingSink,
  raw: Readable,
  options: Omit<SplitOptions, 'scratch'>,
): Promise<SplitSummary> {
  const { signal, onBytes, engine } = options;
  const splitter = new Splitter(pieces, forecastFile, engine === undefined ? {} : { engine });
  let bytesRead = 0;
  await readStream(raw, signal, async () => {
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
  });
  return splitter.end();
}
