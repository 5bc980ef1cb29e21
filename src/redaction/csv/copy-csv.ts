import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createNameless } from '../../duckdb/nameless-file.js';
import { ExportError } from '../../model/export-error.js';
import { unwritable } from '../pieces.js';
import { readStream } from '../read-stream.js';
import { LF } from '../split/json-bytes.js';
import type { SplitOptions } from '../split-file.js';
import { LONGEST_HEADER, readHeader, type CsvHeader } from './header.js';
import { RowScanner } from './row-scanner.js';

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Rows of a CSV on disk, each ended by a newline, without the header. */
export interface CsvRows {
  readonly path: string;
  readonly columns: readonly string[];
  /** Whether cells have line breaks. */
  readonly breaksInCells: boolean;
}

/** A CSV as it was copied, which whoever has it closes. */
export interface CsvFile {
  readonly bytes: number;
  readonly records: number;
  readonly rows: CsvRows;
  /** Whether the last row has no line end: nobody can tell whether its last cell is whole. */
  readonly endsOpen: boolean;
  close(): Promise<void>;
}

export type CopyOptions = Omit<SplitOptions, 'engine'>;

/**
 * Copies a whole CSV into a file without a name. Errors of the file are thrown as they are.
 * @throws ExportError `FileMalformed`, `StagingUnavailable`; the signal's reason
 */
export async function copyCsv(
  open: () => Promise<Readable>,
  { signal, scratch, onBytes }: CopyOptions,
): Promise<CsvFile> {
  const file = await createNameless(join(scratch, `rows-${randomUUID()}.csv`)).catch((error: unknown) => {
    throw unwritable(error);
  });
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await file.handle.write(bytes, at).catch((error: unknown) => {
        throw unwritable(error);
      });
      at += bytesWritten;
    }
  };
  try {
    // DuckDB drops one at the start of a file: without it, it would be one of the first cell's.
    await write(BYTE_ORDER_MARK);
    const raw = await open();
    let header: CsvHeader | undefined;
    let scanner: RowScanner | undefined;
    /** Chunks before the header's end. */
    const begun: Buffer[] = [];
    let bytes = 0;
    try {
      await readStream(raw, signal, async () => {
        for await (const chunk of raw as AsyncIterable<Buffer>) {
          signal.throwIfAborted();
          bytes += chunk.length;
          if (scanner) await write(scanner.push(chunk));
          else {
            begun.push(chunk);
            // Without a line end nothing has changed but its length.
            if (!chunk.includes(LF) && bytes <= LONGEST_HEADER) continue;
            const start = Buffer.concat(begun);
            header = readHeader(start, false);
            scanner = header && new RowScanner(header.columns.length);
            if (header && scanner) await write(scanner.push(start.subarray(header.bytes)));
          }
          onBytes(bytes);
        }
      });
    } finally {
      raw.destroy();
    }
    header ??= readHeader(Buffer.concat(begun), true);
    if (!header) throw new ExportError('Unexpected', 'The header of a whole file was not read.');
    scanner ??= new RowScanner(header.columns.length);
    const endsOpen = scanner.end();
    if (endsOpen) await write(Buffer.from('\n'));
    const { rows: records, breaksInCells } = scanner;
    const rows = { path: file.path, columns: header.columns, breaksInCells };
    return { bytes, records, rows, endsOpen, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
