import { ExportError } from '../../model/export-error.js';
import type { LoadIdentity } from '../port.js';
import type { Database } from './database.js';

/** The marker of every load: who may publish, and what was published. */
export async function createLoadsTable(database: Database): Promise<void> {
  await database.query(
    `CREATE TABLE IF NOT EXISTS clari_loads (
       load_id VARCHAR PRIMARY KEY, export_id VARCHAR NOT NULL, epoch BIGINT NOT NULL, prepared_at TIMESTAMP NOT NULL,
       staging_at TIMESTAMP, published_epoch BIGINT, published_at TIMESTAMP)`,
  );
}

const now = "CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)";

/** Puts this attempt above all others that land the same export, and gives its epoch. */
export async function raiseEpoch(database: Database, { loadId, exportId }: LoadIdentity): Promise<string> {
  const rows = await database.query(
    `INSERT INTO clari_loads (load_id, export_id, epoch, prepared_at)
     VALUES ($1, $2, (SELECT coalesce(max(epoch), 0) + 1 FROM clari_loads WHERE export_id = $2), ${now})
     ON CONFLICT (load_id) DO UPDATE
       SET export_id = excluded.export_id, epoch = excluded.epoch, prepared_at = excluded.prepared_at
     RETURNING CAST(epoch AS VARCHAR)`,
    [loadId, exportId],
  );
  const epoch = rows[0]?.[0];
  if (typeof epoch !== 'string') throw new ExportError('Unexpected', `No epoch came back for load ${loadId}.`);
  return epoch;
}

/** Notes that this attempt begins to stage. @throws ExportError `LoadSuperseded` */
export async function markStaging(database: Database, load: LoadIdentity, epoch: string): Promise<void> {
  await markWhileNewest(database, load, epoch, `staging_at = ${now}`);
}

/**
 * Notes that this attempt publishes; takes effect with the transaction.
 * @param at when that is: to DuckDB, now is when the transaction began, before the first table was staged
 * @throws ExportError `LoadSuperseded`
 */
export async function markPublished(database: Database, load: LoadIdentity, epoch: string, at: Date): Promise<void> {
  const published = "published_epoch = epoch, published_at = CAST($4 AS TIMESTAMPTZ) AT TIME ZONE 'UTC'";
  await markWhileNewest(database, load, epoch, published, [at.toISOString()]);
}

async function markWhileNewest(
  database: Database,
  load: LoadIdentity,
  epoch: string,
  set: string,
  values: readonly string[] = [],
): Promise<void> {
  const { loadId, exportId } = load;
  const marked = await database.query(
    `UPDATE clari_loads SET ${set}
     WHERE load_id = $1 AND export_id = $2 AND epoch = CAST($3 AS BIGINT)
       AND epoch = (SELECT max(epoch) FROM clari_loads WHERE export_id = $2)
     RETURNING load_id`,
    [loadId, exportId, epoch, ...values],
  );
  if (marked.length === 1) return;
  throw new ExportError(
    'LoadSuperseded',
    `Attempt ${epoch} of load ${loadId} (export ${exportId}) was overtaken by a later one in ${database.files.database}; it published nothing.`,
  );
}
