/**
 * A process with a DuckDB destination of its own, told what to do line by line: `{"do": "prepare", ...}` in, one JSON answer
 * out. Run with `node --import tsx`, the database's path as its argument.
 */
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { createDuckDbDestination } from '../../src/destinations/duckdb/duckdb-destination.js';
import type { LandedTable, LoadAttempt, LoadSession, StagedTable } from '../../src/destinations/port.js';
import { ExportError } from '../../src/model/export-error.js';
import type { Receipt } from '../../src/model/receipt.js';

export type LoaderCommand =
  | { readonly do: 'prepare'; readonly load: LoadAttempt }
  | { readonly do: 'stage'; readonly table: StagedTable }
  | { readonly do: 'publish'; readonly receipt: Receipt }
  | { readonly do: 'close' }
  /** Opens the file as any reader would and keeps it open. */
  | { readonly do: 'read'; readonly sql: string }
  | { readonly do: 'stop reading' };

export type LoaderAnswer =
  | { readonly ok: true; readonly landed?: LandedTable; readonly rows?: unknown[][] }
  | { readonly ok: false; readonly type: string; readonly message: string };

const path = process.argv[2] ?? '';
const destination = createDuckDbDestination({ path, waitMs: 0 });
let session: LoadSession | undefined;
let reader: DuckDBInstance | undefined;

async function obey(command: LoaderCommand): Promise<LoaderAnswer> {
  switch (command.do) {
    case 'prepare':
      session = await destination.prepare(command.load, new AbortController().signal);
      return { ok: true };
    case 'stage':
      if (session === undefined) throw new Error('not prepared');
      return { ok: true, landed: await session.stage(command.table) };
    case 'publish':
      await session?.publish(command.receipt);
      return { ok: true };
    case 'close':
      await session?.close();
      return { ok: true };
    case 'read': {
      reader ??= await DuckDBInstance.create(path, { access_mode: 'READ_ONLY', threads: '1' });
      const connection = await reader.connect();
      const rows = (await connection.runAndReadAll(command.sql)).getRowsJson();
      connection.closeSync();
      return { ok: true, rows };
    }
    case 'stop reading':
      reader?.closeSync();
      reader = undefined;
      return { ok: true };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer: LoaderAnswer;
  try {
    answer = await obey(JSON.parse(line) as LoaderCommand);
  } catch (error) {
    const type = error instanceof ExportError ? error.type : 'unknown';
    answer = { ok: false, type, message: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
