import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { unzipped } from '../activities/unzipped.js';
import { DATA_TYPE } from '../redaction/source-fields.js';
import { BAD_FLAG, CommandError } from './command-error.js';

/** An export that somebody has on disk. */
export interface ExportFile {
  /** Told by its content. */
  readonly format: ExportFormat;
  /** Its text from the start, unzipped where it is zipped. @throws CommandError for a file that can not be read */
  open(): Promise<Readable>;
  /** How much of the file has been read, in whole per cent. */
  readonly percent: () => number;
}

export type ExportFormat = 'json' | 'csv';

/** @throws CommandError where there is no such file, or it is a CSV of something else */
export async function exportFile(path: string, signal: AbortSignal): Promise<ExportFile> {
  const { size, isFile } = await stat(path).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    (error: unknown) => {
      throw unreadable(path, error);
    },
  );
  if (!isFile) throw new CommandError(`error: ${path} is not a file; name the file that Clari gave`, BAD_FLAG);
  let bytesRead = (): number => 0;
  const open = async (): Promise<Readable> => {
    const raw = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
    bytesRead = () => raw.bytesRead;
    try {
      return isGzip(await beginningOf(raw)) ? unzipped(raw) : raw;
    } catch (error) {
      raw.destroy();
      signal.throwIfAborted();
      throw unreadable(path, error);
    }
  };
  const format = await formatOf(path, open, signal);
  return { format, open, percent: () => (size === 0 ? 100 : Math.floor((100 * bytesRead()) / size)) };
}

async function formatOf(path: string, open: () => Promise<Readable>, signal: AbortSignal): Promise<ExportFormat> {
  const text = await open();
  try {
    const line = firstLine(await beginningOf(text));
    if (/^[{[<]/.test(line) || !/[,;\t|]/.test(line)) return 'json';
    if (line.includes(DATA_TYPE)) return 'csv';
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(path, error);
  } finally {
    text.destroy();
  }
  throw new CommandError(
    `error: ${path} looks like CSV and has no column ${DATA_TYPE} in its first line, as a forecast's CSV has; name the file that Clari gave`,
    BAD_FLAG,
  );
}

/** The first piece of a stream, which stays in it; empty where there is none. */
async function beginningOf(stream: Readable): Promise<Buffer> {
  while (!stream.readableEnded) {
    const piece = stream.read() as Buffer | null;
    if (piece !== null) {
      stream.unshift(piece);
      return piece;
    }
    const settled = new AbortController();
    const { signal } = settled;
    await Promise.race([once(stream, 'readable', { signal }), once(stream, 'end', { signal })]);
    settled.abort();
  }
  return Buffer.alloc(0);
}

const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b;

const firstLine = (start: Buffer): string =>
  start
    .toString('utf8')
    .replace(/^\uFEFF?\s*/, '')
    .split('\n', 1)[0] ?? '';

function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  return new CommandError(`error: ${path} can not be read (${String(error.code)}); name a file that may be`, BAD_FLAG);
}
