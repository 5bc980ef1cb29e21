/**
 * One step of `npm run bench`, in a process of its own so that its time and memory are its alone: `step.ts NAME FILE FOLDER [POLICY]`.
 * Prints what it took as one line of JSON.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { DuckDBInstance } from '@duckdb/node-api';
import { createDuckDbDestination } from '../src/destinations/duckdb/duckdb-destination.js';
import { findPolicy } from '../src/redaction/built-in-policies.js';
import type { ListName } from '../src/redaction/lists.js';
import { createCsvRedactor } from '../src/redaction/csv/csv-redactor.js';
import { createRedactor } from '../src/redaction/redactor.js';
import { forecastFile } from '../src/redaction/split/file-form.js';
import { Splitter } from '../src/redaction/split/splitter.js';
import { openLocalStaging } from '../src/staging/local.js';
import { receiptFor } from '../test/destinations/loads.js';
import { CSV_COLUMNS } from './csv-file.js';
import { plainByteLoop } from './plain-byte-loop.js';

const [, , name = '', file = '', folder = '', policy = ''] = process.argv;

const CHUNK = 1024 * 1024;
const signal = new AbortController().signal;
const open = (): ReadStream => createReadStream(file, { highWaterMark: CHUNK });

async function pushed(push: (chunk: Uint8Array) => void): Promise<void> {
  for await (const chunk of open()) push(chunk as Uint8Array);
}

/** The lists of a five-list file as files by name, for the limits to read. */
async function presplit(): Promise<void> {
  const files = new Map(
    (['entries', 'users'] as const).map((list) => [
      list as ListName,
      createWriteStream(join(folder, `${list}.ndjson`)),
    ]),
  );
  const splitter = new Splitter(
    { write: (list: ListName, bytes) => files.get(list)?.write(Buffer.from(bytes)) },
    forecastFile,
  );
  for await (const chunk of open()) {
    splitter.push(chunk as Uint8Array);
    for (const out of files.values()) if (out.writableNeedDrain) await once(out, 'drain');
  }
  splitter.end();
  for (const out of files.values()) await once(out.end(), 'finish');
}

/** As DuckDB reads them at its quickest: of known types, in any order. */
const lists = {
  entries: `timePeriodId: 'VARCHAR', timeFrameId: 'VARCHAR', userId: 'VARCHAR', fieldId: 'VARCHAR', forecastValue: 'DOUBLE',
    quotaValue: 'DOUBLE', currency: 'STRUCT(code VARCHAR, symbol VARCHAR)', isUpdated: 'BOOLEAN', updatedBy: 'VARCHAR', updatedOn: 'BIGINT'`,
  users: `userId: 'VARCHAR', name: 'VARCHAR', email: 'VARCHAR', crmId: 'VARCHAR', hierarchyId: 'VARCHAR', hierarchyName: 'VARCHAR',
    parentHierarchyId: 'VARCHAR', scopeId: 'VARCHAR'`,
} as const;

const relation = (list: keyof typeof lists): string =>
  `read_json('${join(folder, `${list}.ndjson`)}', format = 'newline_delimited', compression = 'uncompressed', columns = {${lists[list]}})`;

async function inDuckDb(database: string, statements: readonly string[]): Promise<void> {
  const options = { threads: '2', memory_limit: '1GB', preserve_insertion_order: 'false' };
  const instance = await DuckDBInstance.create(database, { ...options, storage_compatibility_version: 'latest' });
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

function columnsOf(list: keyof typeof lists): string {
  return [...lists[list].matchAll(/(\w+): '/g)].map(([, column]) => `max(${column})`).join(', ');
}

/** Raw file to sealed Parquet files in staging; into the destination where `landed`; of a CSV where `csv`. */
async function product({ landed = false, csv = false }): Promise<void> {
  const key = { name: 'bench', version: '1', bytes: () => Promise.resolve(new Uint8Array(32).fill(7)) };
  const area = await openLocalStaging(join(folder, 'staging'));
  const wrapping = randomBytes(32);
  const owner = { runKey: 'bench', workflowId: 'bench', namespace: 'bench', epoch: 1 };
  const run = area.run({ ...owner, wrapping: () => Promise.resolve(wrapping) });
  const references = new Map<string, Awaited<ReturnType<typeof run.produce>>>();
  const given = {
    scratch: await run.scratch(),
    produce: async (table: string, write: (path: string) => Promise<void>) =>
      void references.set(table, await run.produce(table, write)),
    signal,
    onProgress: () => undefined,
  };
  const options = { policy: findPolicy(policy), key };
  const opened = (): Promise<ReadStream> => Promise.resolve(open());
  if (csv) {
    await createCsvRedactor(options).redact({ ...given, open: opened });
    return;
  }
  const { tables } = await createRedactor(options).redact({ ...given, files: [opened] });
  if (!landed) return;
  const destination = createDuckDbDestination({ path: join(folder, 'warehouse.duckdb') });
  const load = { exportId: 'bench', loadId: 'bench-1' };
  const session = await destination.prepare({ ...load, runId: 'bench' }, signal);
  const loaded = [];
  for (const { table, name: produced, ...proof } of tables) {
    const reference = references.get(produced);
    if (!reference) throw new Error(`${produced} was not written.`);
    const plain = await run.open(reference);
    loaded.push(await session.stage({ table, path: plain.path, ...proof }));
    await plain.close();
  }
  await session.publish(receiptFor(load, loaded));
  await session.close();
}

const steps: Readonly<Record<string, () => Promise<void>>> = {
  'plain loop': () => pushed(plainByteLoop()),
  split: async () => {
    const splitter = new Splitter({ write: () => undefined }, forecastFile);
    await pushed((chunk) => {
      splitter.push(chunk);
    });
    splitter.end();
  },
  presplit,
  read: () =>
    inDuckDb(
      ':memory:',
      (['entries', 'users'] as const).map((list) => `SELECT ${columnsOf(list)} FROM ${relation(list)}`),
    ),
  ctas: () =>
    inDuckDb(
      join(folder, 'limit.duckdb'),
      (['entries', 'users'] as const).map((list) => `CREATE TABLE ${list} AS SELECT * FROM ${relation(list)}`),
    ),
  parquet: () => product({}),
  load: () => product({ landed: true }),
  'read csv': () => {
    const columns = CSV_COLUMNS.map((column) => `'${column}': 'VARCHAR'`).join(', ');
    const from = `read_csv('${file}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${columns}})`;
    return inDuckDb(':memory:', [`SELECT ${CSV_COLUMNS.map((column) => `max("${column}")`).join(', ')} FROM ${from}`]);
  },
  csv: () => product({ csv: true }),
};

/** Bytes of all files below the folder that the step has made. */
async function diskUsed(): Promise<number> {
  const made = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = made.filter((one) => one.isFile()).map((one) => stat(join(one.parentPath, one.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

await mkdir(folder, { recursive: true });
await steps[name]?.();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const disk = await diskUsed();
if (!['presplit', 'read', 'read csv', 'ctas'].includes(name)) await rm(folder, { recursive: true });
console.log(
  JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMb: Math.round(maxRSS / 1024), disk }),
);
