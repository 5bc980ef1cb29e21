import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { unzipped } from '../activities/unzipped.js';
import { BAD_FLAG, CommandError } from './command-error.js';

/** An export that somebody has on disk. */
export interface ExportFile {
  /** Its text from the start, unzipped where it is zipped. @throws CommandError for CSV, or a file that can not be read */
  open(): Promise<Readable>;
  /** How much of the file has been read, in whole per cent. */
  readonly percent: () => number;
}

/** @throws CommandError where there is no such file */
export async function exportFile(path: string, signal: AbortSignal): Promise<ExportFile> {
  const { size, isFile } = await stat(path).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    (error: unknown) => {
      throw unreadable(path, error);
    },
  );
  if (!isFile) throw new CommandError(`error: ${path} is not a file; name the file that Clari gave`, BAD_FLAG);
  let bytesRead = (): number => 0;
  return {
    async open() {
      const raw = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
      bytesRead = () => raw.bytesRead;
      try {
        const zipped = isGzip(await beginningOf(raw));
        const text = zipped ? unzipped(raw) : raw;
        if (!isCsv(await beginningOf(text))) return text;
        text.destroy();
      } catch (error) {
        raw.destroy();
        signal.throwIfAborted();
        throw unreadable(path, error);
      }
      throw new CommandError(
        `error: ${path} is CSV, which is not redacted by hand; export the forecast as JSON (exportFormat)`,
        BAD_FLAG,
      );
    },
    percent: () => (size === 0 ? 100 : Math.floor((100 * bytesRead()) / size)),
  };
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

/** Neither JSON nor a page, and its first line has what separates columns. */
function isCsv(start: Buffer): boolean {
  const [line = ''] = start
    .toString('utf8')
    .replace(/^\uFEFF?\s*/, '')
    .split('\n');
  return !/^[{[<]/.test(line) && /[,;\t|]/.test(line);
}

function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  return new CommandError(`error: ${path} can not be read (${String(error.code)}); name a file that may be`, BAD_FLAG);
}
