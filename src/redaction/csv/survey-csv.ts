import type { Readable } from 'node:stream';
import { DuckDbSession } from '../duckdb-session.js';
import type { SplitList } from '../split/split-outline.js';
import { copyCsv, type CopyOptions } from './copy-csv.js';
import { takeCensus } from './rows-sql.js';

const LIMITS = { memoryLimitMb: 320, threads: 2 };

/** How many rows a CSV has, and which of their cells are not empty. @throws as `copyCsv`; ExportError `CountsDisagree` */
export async function surveyCsv(open: () => Promise<Readable>, options: CopyOptions): Promise<SplitList> {
  const file = await copyCsv(open, options);
  try {
    const session = await DuckDbSession.open(LIMITS, options.signal);
    try {
      return await takeCensus(session, file);
    } finally {
      session.close();
    }
  } finally {
    await file.close();
  }
}
