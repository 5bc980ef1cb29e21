import path from 'node:path';
import { tableChecksumSql } from '../../src/duckdb/checksum-sql.js';
import { forecastTables } from '../../src/model/tables.js';
import type { World } from '../support/open-world.js';
import { amountFields, placeOf, type Amounts, type Sum } from './amounts.js';

export const warehouseOf = ({ folder }: Pick<World, 'folder'>): string => path.join(folder, 'warehouse.duckdb');

/** What a reader of the destination sees. */
export interface WarehouseEvidence {
  /** Names of tables and views. */
  readonly names: readonly string[];
  /** Rows of `exports`. */
  readonly exports: readonly {
    readonly exportId: string;
    readonly jobId: string;
    readonly receipt: string;
    /** Epoch milliseconds. */
    readonly publishedAt: number;
  }[];
  /** What each table holds of each export, the checksum computed from the rows. */
  readonly rows: readonly TableRows[];
  /** Of each export that has rows. */
  readonly amounts: ReadonlyMap<string, Amounts>;
}

export interface TableRows {
  readonly table: string;
  readonly exportId: string;
  readonly rows: number;
  readonly checksum: string;
}

export async function readWarehouse(world: Pick<World, 'rows'>): Promise<WarehouseEvidence> {
  const names = (await world.rows('SELECT table_name FROM information_schema.tables')).map(([name]) => String(name));
  if (!names.includes('exports')) return { names, exports: [], rows: [], amounts: new Map() };
  const exported = await world.rows(
    `SELECT export_id, job_id, receipt, (
       SELECT max(epoch_ms(published_at)) FROM clari_loads AS l WHERE l.export_id = x.export_id
     )::DOUBLE FROM exports AS x`,
  );
  const rows: TableRows[] = [];
  for (const { name, columns } of forecastTables) {
    const query = `SELECT export_id, count(*)::INT, ${tableChecksumSql(columns)} FROM ${name} GROUP BY export_id`;
    for (const [exportId, count, checksum] of await world.rows(query)) {
      rows.push({ table: name, exportId: String(exportId), rows: Number(count), checksum: String(checksum) });
    }
  }
  return {
    names,
    exports: exported.map(([exportId, jobId, receipt, publishedAt]) => ({
      exportId: String(exportId),
      jobId: String(jobId),
      receipt: String(receipt),
      publishedAt: Number(publishedAt),
    })),
    rows,
    amounts: await readAmounts(world),
  };
}

async function readAmounts(world: Pick<World, 'rows'>): Promise<ReadonlyMap<string, Amounts>> {
  const amounts = new Map<string, Map<string, Sum>>();
  for (const column of Object.keys(amountFields)) {
    const sums = await world.rows(
      `SELECT export_id, field_id, time_frame_id, count(*)::INT, trunc(sum(${column}))::HUGEINT::VARCHAR
       FROM forecast_entries WHERE ${column} IS NOT NULL GROUP BY ALL`,
    );
    for (const [exportId, fieldId, timeFrameId, values, total] of sums) {
      const own = amounts.get(String(exportId)) ?? new Map<string, Sum>();
      amounts.set(String(exportId), own);
      own.set(placeOf(fieldId, timeFrameId, column), { values: Number(values), total: BigInt(String(total)) });
    }
  }
  return amounts;
}
