import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import { ExportError } from '../../src/model/export-error.js';
import type { FailureType } from '../../src/model/failures.js';
import { builtInPolicies } from '../../src/redaction/built-in-policies.js';
import type { RedactorOptions } from '../../src/redaction/redaction-work.js';
import { createRedactor } from '../../src/redaction/redactor.js';
import type { RedactionPolicy } from '../../src/redaction/policy.js';
import type { RedactionResult } from '../../src/redaction/port.js';

export const testKeyBytes = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7 + 1));
export const testKey = { name: 'test', version: '1', bytes: () => Promise.resolve(new Uint8Array(testKeyBytes)) };

export type Cells = Record<string, string | boolean | null>;

export interface Redacted {
  readonly result: RedactionResult;
  readonly tables: Readonly<Record<string, Cells[]>>;
  /** What the query of the options gave. */
  readonly answer: unknown;
  /** What was left in the scratch folder. */
  readonly left: readonly string[];
}

export interface RedactOptions {
  readonly policy?: RedactionPolicy;
  readonly key?: RedactorOptions['key'];
  readonly signal?: AbortSignal;
  readonly chunk?: number;
  /** SQL over the tables by their names, for one value of it. */
  readonly query?: string;
  /** Called at the end, good or bad, with what is left in the scratch folder. */
  readonly onEnd?: (left: readonly string[]) => void;
}

type File = string | Uint8Array;

/** Redacts a file given as text or bytes, or those of a split export, and reads what was written. */
export async function redact(file: File | readonly File[], options: RedactOptions = {}): Promise<Redacted> {
  const folder = await mkdtemp(join(tmpdir(), 'redaction-'));
  const scratch = await mkdtemp(join(folder, 'scratch-'));
  try {
    const redactor = createRedactor({
      policy: options.policy ?? builtInPolicies.keyed,
      key: options.key ?? testKey,
      memoryLimitMb: 256,
    });
    const paths = new Map<string, string>();
    const result = await redactor.redact({
      files: [file].flat().map((one) => {
        const bytes = typeof one === 'string' ? Buffer.from(one) : one;
        return () => Promise.resolve(inChunks(bytes, options.chunk ?? 1000));
      }),
      scratch,
      produce: async (name, write) => {
        const path = join(folder, name);
        await write(path);
        paths.set(name, path);
      },
      signal: options.signal ?? new AbortController().signal,
      onProgress: () => undefined,
    });
    const tables: Record<string, Cells[]> = {};
    for (const { table, name } of result.tables) tables[table] = await readParquet(paths.get(name) ?? '');
    const answer = options.query === undefined ? undefined : await ask(options.query, paths);
    return { result, tables, answer, left: await readdir(scratch) };
  } finally {
    options.onEnd?.(await readdir(scratch));
    await rm(folder, { recursive: true, force: true });
  }
}

async function ask(query: string, paths: ReadonlyMap<string, string>): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const [name, path] of paths)
      await connection.run(`CREATE VIEW ${name.replace('.parquet', '')} AS FROM read_parquet('${path}')`);
    return (await connection.runAndReadAll(query)).getRowsJson()[0]?.[0];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export function inChunks(bytes: Uint8Array, size: number): Readable {
  function* parts(): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  }
  return Readable.from(parts(), { objectMode: false });
}

/** Rows of a Parquet file in order, every value as text but booleans. */
export async function readParquet(path: string): Promise<Cells[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const types = await connection.runAndReadAll(`DESCRIBE FROM read_parquet('${path}')`);
    const list = types.getRowObjectsJson().map(({ column_name: name, column_type: type }) => {
      const column = `"${name as string}"`;
      return type === 'BOOLEAN' ? column : `CAST(${column} AS VARCHAR) AS ${column}`;
    });
    const rows = await connection.runAndReadAll(`SELECT ${list.join(', ')} FROM read_parquet('${path}')`);
    return rows.getRowObjectsJson() as Cells[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The failure that redacting `file` ends in. */
export async function failure(file: File | readonly File[], options: RedactOptions = {}): Promise<ExportError> {
  try {
    await redact(file, options);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

export async function failureType(file: string | Uint8Array, options: RedactOptions = {}): Promise<FailureType> {
  return (await failure(file, options)).type;
}

/** An entry's record with what every entry has. */
export function entry(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { timePeriodId: '2027_Q2', timeFrameId: 'TF:2026-10-07', userId: '1:R', fieldId: 'fc_commit', ...fields };
}
