import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteIdentifier, quoteLiteral } from '../../src/duckdb/sql.js';
import { ExportError } from '../../src/model/export-error.js';
import { nullOf } from '../../src/redaction/columns-sql.js';
import { copyCsv } from '../../src/redaction/csv/copy-csv.js';
import { takeCensus } from '../../src/redaction/csv/rows-sql.js';
import { copyRows } from '../../src/redaction/copy-table.js';
import { DuckDbSession } from '../../src/redaction/duckdb-session.js';
import { makeHelpTables } from '../../src/redaction/help-tables.js';
import { LeakCheck } from '../../src/redaction/leak-check.js';
import { CSV_ROWS } from '../../src/redaction/lists.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import { readBack } from '../../src/redaction/read-back.js';
import { splitFile } from '../../src/redaction/split-file.js';
import { shapeOf, tableModel } from '../../src/redaction/table-plan.js';
import type { ExportFiles } from '../../src/redaction/treated-fields.js';
import { inChunks } from './support.js';

export interface Landed {
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** What the leak check says of rows that a redaction, however broken, has made of a file; undefined where it finds nothing. */
export const leakIn = (
  file: string,
  landed: Landed,
  policy: RedactionPolicy,
  mostAtOnce?: number,
): Promise<string | undefined> =>
  leakOf(landed, policy, mostAtOnce, async (session, scratch) => {
    const split = await splitFile(() => Promise.resolve(inChunks(Buffer.from(file), 1000)), options(scratch));
    const files = [split];
    const shape = shapeOf(files);
    await makeHelpTables(session, { policy, shape, files, parameters: {} });
    return { files, shape, close: () => split.pieces.close() };
  });

/** The same of a CSV. */
export const leakInCsv = (file: string, landed: Landed, policy: RedactionPolicy): Promise<string | undefined> =>
  leakOf(landed, policy, undefined, async (session, scratch) => {
    const csv = await copyCsv(() => Promise.resolve(inChunks(Buffer.from(file), 1000)), options(scratch));
    const lists = new Map([[CSV_ROWS, await takeCensus(session, csv)]]);
    return {
      files: [{ split: { lists }, pieces: { records: () => csv.rows } }],
      shape: 'csv',
      close: () => csv.close(),
    };
  });

const { signal } = new AbortController();
const options = (scratch: string) => ({ signal, scratch, onBytes: () => undefined });

type OpenFiles = ExportFiles & { readonly close: () => Promise<void> };

async function leakOf(
  { table, rows }: Landed,
  policy: RedactionPolicy,
  mostAtOnce: number | undefined,
  open: (session: DuckDbSession, scratch: string) => Promise<OpenFiles>,
): Promise<string | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'leak-check-'));
  const session = await DuckDbSession.open({ memoryLimitMb: 256, threads: 2 }, signal);
  let opened: OpenFiles | undefined;
  try {
    opened = await open(session, scratch);
    const { files, shape } = opened;
    const check = await LeakCheck.prepare(session, {
      policy,
      shape,
      files,
      scratch,
      ...(mostAtOnce !== undefined && { mostAtOnce }),
    });
    try {
      const model = tableModel(table);
      const selects = rows.map((row) => {
        const cells = model.columns.map((column) => {
          const cell = row[column.name];
          return `${cell === undefined ? nullOf(column) : quoteLiteral(cell)} AS ${quoteIdentifier(column.name)}`;
        });
        return `SELECT ${cells.join(', ')}`;
      });
      const path = join(scratch, 'landed.parquet');
      await copyRows(session, 'landing', selects.join(' UNION ALL '), path);
      await check.table(model, path, await readBack(session, model, path));
      return undefined;
    } finally {
      await check.close();
    }
  } catch (error) {
    if (error instanceof ExportError && error.type === 'LeakFound') return error.message;
    throw error;
  } finally {
    session.close();
    await opened?.close();
    await rm(scratch, { recursive: true });
  }
}
