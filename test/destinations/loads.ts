import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { LandedTable, LoadIdentity, StagedTable } from '../../src/destinations/port.js';
import { tableChecksumSql } from '../../src/duckdb/checksum-sql.js';
import { tableFingerprintSql } from '../../src/duckdb/fingerprint-sql.js';
import { closedOptions } from '../../src/duckdb/options.js';
import { quoteIdentifier, quoteLiteral } from '../../src/duckdb/sql.js';
import { duckdbType } from '../../src/duckdb/types.js';
import type { Receipt } from '../../src/model/receipt.js';
import { forecastTables, type ForecastTableName } from '../../src/model/tables.js';

/** A row by column name; what is not named is null. Values are SQL text that DuckDB casts. */
export type Row = Readonly<Record<string, string | null>>;
export type Tables = Readonly<Partial<Record<ForecastTableName, readonly Row[]>>>;

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'clari-duckdb-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Runs statements in a database of its own (default in memory) and gives the rows of the last one. */
export async function sql(
  statements: readonly string[],
  file = ':memory:',
  settings: Record<string, string> = {},
): Promise<unknown[][]> {
  const options = { ...closedOptions({ memoryLimitMb: 256, threads: 1 }), ...settings };
  const instance = await DuckDBInstance.create(file, options);
  const connection = await instance.connect();
  try {
    let rows: unknown[][] = [];
    for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowsJson();
    return rows;
  } finally {
    // One that is open keeps the file locked until it is collected.
    connection.closeSync();
    instance.closeSync();
  }
}

/** What a reader of the warehouse would see. */
export function read(file: string, statement: string): Promise<unknown[][]> {
  return sql([statement], file, { access_mode: 'READ_ONLY' });
}

/** Writes Parquet files as staging holds them: every table of the model, those not given being empty. */
export async function stagedTables(folder: string, tables: Tables): Promise<StagedTable[]> {
  await mkdir(folder, { recursive: true });
  const staged: StagedTable[] = [];
  for (const table of forecastTables) {
    const path = join(folder, `${table.name}.parquet`);
    const columns = table.columns.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbType(type)}`);
    const inserts = (tables[table.name] ?? []).map((row) => {
      const cells = table.columns.map(({ name }) => {
        const cell = row[name] ?? null;
        return cell === null ? 'NULL' : quoteLiteral(cell);
      });
      return `INSERT INTO t VALUES (${cells.join(', ')})`;
    });
    const [counted] = await sql([
      `CREATE TABLE t (${columns.join(', ')})`,
      ...inserts,
      `COPY t TO ${quoteLiteral(path)} (FORMAT parquet, COMPRESSION zstd)`,
      `SELECT count(*)::INTEGER, ${tableChecksumSql(table.columns)}, ${tableFingerprintSql(table.columns)} FROM t`,
    ]);
    const [rows, checksum, fingerprint] = (counted ?? []).map(String);
    if (checksum === undefined || fingerprint === undefined) throw new Error('Nothing was counted.');
    staged.push({ table: table.name, path, rows: Number(rows), checksum, fingerprint });
  }
  return staged;
}

export interface ReceiptChanges extends Partial<Omit<Receipt, 'request'>> {
  readonly request?: Partial<Receipt['request']>;
}

export function receiptFor(
  load: LoadIdentity,
  landed: readonly Omit<LandedTable, 'measures'>[],
  changes: ReceiptChanges = {},
): Receipt {
  const { request, ...rest } = changes;
  return {
    receiptVersion: 1,
    ...load,
    jobId: `job-of-${load.exportId}`,
    connection: 'default',
    account: 'main',
    environment: 'test',
    timePeriod: '2027_Q2',
    types: ['forecast', 'quota'],
    asOf: '2026-05-04T05:00:00Z',
    scheduledAt: null,
    capturedAt: '2026-05-04T05:00:01Z',
    landedAt: '2026-05-04T05:03:00Z',
    destination: 'duckdb:warehouse.duckdb',
    configDigest: '0123456789abcdef',
    policy: { name: 'pseudonym', version: 1, digest: 'fedcba9876543210', reversible: false },
    key: null,
    raw: { bytes: 1, sha256: 'aa' },
    tables: landed.map(({ table, rows, checksum }) => ({
      table,
      read: rows,
      rejected: 0,
      duplicates: 0,
      staged: rows,
      landed: rows,
      checksum,
    })),
    droppedFields: [],
    unproven: [],
    complete: true,
    accepted: null,
    warnings: [],
    ...rest,
    request: {
      connection: 'default',
      forecastId: 'fc_commit',
      timePeriod: '2027_Q2',
      typesToExport: ['quota', 'forecast'],
      scopeId: null,
      currency: null,
      includeHistorical: true,
      fresh: false,
      jobId: null,
      splitIfTruncated: false,
      allowIncomplete: false,
      acceptChange: false,
      ...request,
    },
  };
}
